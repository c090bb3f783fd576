"""The one vocabulary of vitals (kebab-case), used from driver to screen. A new vital is a new line here."""

from __future__ import annotations

from typing import Final

VITALS: Final[dict[str, str]] = {
    "systolic": "Systolic blood pressure",
    "diastolic": "Diastolic blood pressure",
    "mean-arterial-pressure": "Mean blood pressure",
    "cuff-pressure": "Cuff pressure while it inflates (live only)",
    "pulse-rate": "Pulse rate from an oximeter or a cuff",
    "pulse-rate-fast": "Pulse rate, fast averaging",
    "pulse-rate-slow": "Pulse rate, slow averaging",
    "heart-rate": "Heart rate from an ECG or a chest strap",
    "rr-interval": "Interval between two heart beats",
    "spo2": "Oxygen saturation by pulse oximetry",
    "spo2-fast": "Oxygen saturation, fast averaging",
    "spo2-slow": "Oxygen saturation, slow averaging",
    "perfusion-index": "Pulse amplitude index",
    "pleth": "Plethysmogram",
    "signal-strength": "Signal strength as the device grades it",
    "temperature": "Body temperature",
    "weight": "Body weight",
    "height": "Body height",
    "bmi": "Body mass index",
    "body-fat": "Body fat",
    "glucose": "Glucose",
    "ecg": "Electrocardiogram",
    "battery": "Battery level",
}

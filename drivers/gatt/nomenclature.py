"""IEEE 11073-10101 nomenclature that health sensors send: observation types, units and modifiers.

Codes as public in the Rosetta terminology mapping (RTM). An observation type is the 32-bit code; a unit its lower 16 bits (partition 4).
"""

from __future__ import annotations

from typing import Final

TYPES: Final[dict[int, str]] = {
    150456: "spo2",
    149530: "pulse-rate",
    149514: "pulse-rate",
    149546: "pulse-rate",
    150488: "perfusion-index",
    150448: "perfusion-index",
    150452: "pleth",
    147842: "heart-rate",
    147240: "rr-interval",
    131329: "ecg",
    150021: "systolic",
    150022: "diastolic",
    150023: "mean-arterial-pressure",
    150344: "temperature",
    150364: "temperature",
    188424: "temperature",
    188420: "temperature",
    188428: "temperature",
    188432: "temperature",
    188448: "temperature",
    188452: "temperature",
    188456: "temperature",
    150392: "temperature",
    151562: "respiratory-rate",
    188736: "weight",
    188740: "height",
    188748: "body-fat",
    188752: "bmi",
    188756: "fat-free-mass",
    188760: "soft-lean-mass",
    160020: "glucose",
    160184: "glucose",
    160188: "glucose",
    160192: "glucose",
    160196: "glucose",
    160200: "glucose",
    160204: "glucose",
    160212: "glucose",
    160364: "glucose",
    160368: "glucose",
    160220: "hba1c",
}

#: what the type says beyond the vital
TYPE_FLAGS: Final[dict[int, str]] = {
    188424: "site-mouth",
    188420: "site-rectum",
    188428: "site-ear",
    188432: "site-finger",
    188448: "site-toe",
    188452: "site-armpit",
    188456: "site-gastro-intestinal-tract",
    150392: "site-tympanum",
    150364: "site-body",
    160184: "type-capillary-whole-blood",
    160188: "type-capillary-plasma",
    160192: "type-venous-whole-blood",
    160196: "type-venous-plasma",
    160200: "type-arterial-whole-blood",
    160204: "type-arterial-plasma",
    160212: "type-interstitial-fluid",
    160208: "control-solution",
    160372: "control-solution",
    160376: "control-solution",
    160380: "control-solution",
    160384: "control-solution",
}

UNITS: Final[dict[int, str]] = {
    512: "1",
    544: "%",
    1280: "m",
    1297: "cm",
    1376: "[in_i]",
    1731: "kg",
    1728: "g",
    1760: "[lb_av]",
    1952: "kg/m2",
    2130: "mg/dL",
    2176: "s",
    2194: "ms",
    2720: "/min",
    2784: "/min",
    3843: "kPa",
    3872: "mm[Hg]",
    4274: "mV",
    4275: "uV",
    4416: "[degF]",
    4722: "mmol/L",
    6048: "Cel",
}

MODIFIERS: Final[dict[int, str]] = {150580: "modality-fast", 150584: "modality-slow", 150588: "modality-spot"}
SPOT: Final = 150588

#: device events of partition 3
EVENTS: Final[dict[int, str]] = {196848: "cuff-too-loose", 197038: "improper-position"}

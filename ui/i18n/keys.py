"""Every text key that the agent may send, by where it comes from. Each has words in every language (`SAID`), proven by a test."""

from __future__ import annotations

from typing import Final

KEYS: Final[dict[str, tuple[str, ...]]] = {
    "View.notices": (
        "station-unreachable", "station-refused", "link-poor", "video-off", "sound-off", "call-frozen", "call-lost", "stream-cut",
        "authentication-differs", "specialist-absent", "specialist-left", "specialist-refused", "identity-provisional", "identity-refused",
        "sharing-refused", "booth-clock-unsure", "clock-corrected", "old-reading-set-aside", "measurement-refused", "storage-full", "record-failed", "erase-failed",
        "idle-warning", "close-warning", "power-cut", "bluetooth-down", "companion-joined", "professional-joined", "person-left",
        "photos-refused", "message-not-sent", "too-noisy", "too-dark", "not-now", "identity-incomplete", "measurement-failed", "no-new-record", "other-fingerprints", "key-mismatch", "bad-order", "bad-message", "station-lost",
        "other-card", "name-revealed", "camera-lost", "no-camera", "microphone-lost", "no-microphone", "microphone-muted", "no-speaker", "photo-failed", "camera-busy", "camera-forbidden", "camera-unfit", "stethoscope-asked",
        "no-organisation", "directory-missing", "directory-malformed", "directory-other-organisation", "directory-signature", "directory-old", "directory-forked", "directory-expired", "key-revoked", "key-not-listed", "key-other-kind", "key-not-yet-valid", "key-expired", "key-differs", "tls-expired", "tls-not-yet-valid", "tls-wrong-host", "tls-unknown-authority", "tls-too-old", "tls-failed", "wrong-origin", "clock-differs", "booth-revoked", "prekey-refused", ),
    "View.notices of the sealed line and of codes": (
        "bad-version", "bad-commitment", "bad-signature", "bad-length", "bad-key", "other-consultation", "handshake-cut", "message-altered", "stream-over", "forged-receipt", "code-wrong", "code-tries", "code-expired", "code-used", "code-unknown", "code-missing", "code-malformed", "code-rate", "code-too-many", "code-unavailable", "code-later", "guest-invited", "guest-joined", "guest-left", "guest-refused", ),
    "ExamView.missing (after exam-)": (
        "exam-no-camera", "exam-camera-lost", "exam-camera-busy", "exam-camera-forbidden", "exam-camera-unfit", ),
    "Check.says (after check-)": (
        "check-light-waiting", "check-against-light", "check-too-dark", "check-too-bright", "check-picture-flat", "check-light-good",
        "check-sound-waiting", "check-sound-speak", "check-sound-heard", "check-microphone-muted", "check-too-noisy", "check-noise-good",
        "check-line-good", "check-line-poor", "check-line-connecting", ),
    "DeviceLine.message": (
        "", "device-ready", "device-connecting", "device-measuring", "device-off", "device-lost", "device-retrying", "device-restart",
        "device-not-paired", "device-busy", "battery-low", "batteries-empty", "calibration-overdue", "adapter-missing", "no-permission",
        "unplugged", "put-on-cuff", "put-finger", "take-temperature", "step-on-scale", "wrong-model", "paediatric-cuff",
    ),
    "LinkLost.reason": ("connection-lost", "closed-by-peer", "no-data", "out-of-range"),
    "Unattributed.reason": (
        "old-reading", "before-session", "after-session", "no-session", "other-user", "unknown-user", "duplicate", "clock-unknown",
        "future-reading", "stored-reading", "demonstration-data", "control-solution", "other-patient-id", "patient-id-unconfirmed", "several-records", "no-high-water-mark", ),
    "Kept.remarks": (
        "unlikely-for-age", "unusual-low", "unusual-high", "typed-by-hand", "systolic-below-diastolic", "spot-check", "resent", "no-value", "implausible-low", "implausible-high", "implausible-unit", "implausible-mean-pressure", "implausible-pulse-pressure", "waits-for-specialist", ),
    "Live.flags, Kept.remarks (names of the drivers)": (
        "body-movement", "cuff-too-loose", "irregular-pulse", "improper-position", "pulse-rate-above-range", "pulse-rate-below-range",
        "pulse-rate-range-reserved", "user-unknown", "device-clock-not-set", "measurement-ongoing", "early-estimated-data", "validated-data",
        "fully-qualified-data", "data-from-measurement-storage", "data-for-demonstration", "data-for-testing", "calibration-ongoing",
        "measurement-unavailable", "questionable-measurement-detected", "invalid-measurement-detected", "extended-display-update-ongoing",
        "equipment-malfunction-detected", "signal-processing-irregularity-detected", "inadequate-signal-detected", "poor-signal-detected",
        "low-perfusion-detected", "erratic-signal-detected", "nonpulsatile-signal-detected", "questionable-pulse-detected",
        "signal-analysis-ongoing", "sensor-interference-detected", "sensor-unconnected-to-user", "unknown-sensor-connected",
        "sensor-displaced", "sensor-malfunctioning", "sensor-disconnected", "site-armpit", "site-body", "site-ear", "site-finger",
        "site-gastro-intestinal-tract", "site-mouth", "site-rectum", "site-toe", "site-tympanum", "finger-out", "dropping-spo2", "beep",
        "probe-error", "searching", "low-battery", "device-battery-low", "sensor-alarm", "no-sensor-contact", "no-beat-found", "sensor-off", "no-sensor", "defective-sensor", "unrecognized-sensor", "out-of-track", "artifact", "low-perfusion", "marginal-perfusion", "low-signal-iq", "interference", "ambient-light", "pulse-search", "searching-too-long", "no-finger", "not-worn", "no-measurement", "not-stable", "overload", "underload", "removed", "above-range", "below-range", "general-device-fault", "sample-size-insufficient", "strip-insertion-error", "strip-type-incorrect", "sensor-malfunction", "sensor-temperature-too-high", "sensor-temperature-too-low", "calibrating", ),
    "Auscultation.state": (
        "stethoscope-off", "stethoscope-starting", "stethoscope-on", "stethoscope-silent", "stethoscope-clipping", "stethoscope-absent", "stethoscope-lost", ),
    "Value.absent": ("not-a-number", "positive-infinity", "negative-infinity", "error", "not-performed", "unknown"),
    "CallView.message": (
        "no-candidate", "no-answer", "no-camera", "no-microphone", "camera-lost", "microphone-lost", "bad-offer", "bad-candidate",
        "bad-server", "not-prepared", "call-restarting", "connection-lost", "not-authentic", "sender-stalled", "call-process-lost", "call-restarted", "call-failed", "no-relay", "picture-stills", "picture-none", "sound-none", ),
}  # fmt: skip

"""What the Nonin serial data formats have in common: their "no value" marks, their status bits, how a host selects a format.

Protocol: Nonin 9560 OEM Specification, "Selecting the Data Format" (STX 70 02 02 FORMAT ETX, answered by ACK or NAK); HR 511 and SpO2 127 mean
"no value". Values "formatted for display" (-D) are not used where others exist: "when the device is removed from the finger the last SpO2
and Pulse Rate reading will be reported for 10 seconds", and the booth never shows a number that is no longer measured.
"""

from __future__ import annotations

from decimal import Decimal

from drivers.measurement import Absent, Measurement

NO_PULSE, NO_SPO2 = 511, 127
ACK, NAK = 0x06, 0x15


def select(data_format: int) -> bytes:
    """The command that makes a 9560 send `data_format` (2, 7, 8 or 13)."""
    return bytes((0x02, 0x70, 0x02, 0x02, data_format, 0x03))


def pulse(vital: str, value: int) -> Measurement:
    """A pulse rate, absent for 511."""
    return Measurement(vital, Absent.NOT_PERFORMED if value == NO_PULSE else Decimal(value), "/min")


def saturation(vital: str, value: int) -> Measurement:
    """An SpO2, absent for 127."""
    return Measurement(vital, Absent.NOT_PERFORMED if value == NO_SPO2 else Decimal(value), "%")

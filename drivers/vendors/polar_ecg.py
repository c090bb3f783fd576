"""Polar H10: a one-lead electrocardiogram at 130 Hz.

Protocol: Polar Measurement Data service fb005c80, commands on fb005c81, data notified on fb005c82: type (0 = ECG), 64-bit time stamp of the **last**
sample in ns since 2000, frame type (0), samples of signed 24 bits in microvolts. As in the maker's public SDK.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from drivers.driver import DecodeError, Driver, Gatt
from drivers.gatt.clock import EPOCH_2000
from drivers.ieee11073 import Fields
from drivers.measurement import Waveform

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.measurement import Frame, Reading

CONTROL, DATA = (f"fb005c8{digit}-02e7-f387-1cad-8acd2d8df0c8" for digit in "12")
#: measurement type ECG; 130 Hz (setting 0), 14 bit (setting 1)
START, STOP = bytes.fromhex("02000001820001010e00"), bytes.fromhex("0300")
PERIOD = Decimal(1) / 130
WIDTH = 3


class PolarEcg(Driver):
    """The electrocardiogram of a Polar H10."""

    name = "polar-ecg"
    models = ("Polar H10",)
    link = Gatt(
        service="fb005c80-02e7-f387-1cad-8acd2d8df0c8",
        notify=(DATA,),
        protocol="polar-ecg",
        write=CONTROL,
        opening=(START,),
        closing=(STOP,),
        beside=("heart-rate",),
    )
    measures = ("ecg",)
    proven_by: ClassVar[str] = "specification"

    def receive(self, frame: Frame) -> Iterator[Reading]:
        """Decode the samples of a notification; `device_time` is the strap's time of the last of them."""
        fields = Fields(frame.data)
        kind = fields.u8("measurement type")
        stamp = int.from_bytes(fields.take(8, "time stamp"), "little")
        layout = fields.u8("frame type")
        if kind or layout:
            raise DecodeError(f"measurement type {kind} in frame type {layout}: only the ECG (0) in frame type 0 is read")
        if not fields.left or fields.left % WIDTH:
            raise DecodeError(f"{fields.left} bytes of samples, where each has {WIDTH}")
        data = fields.take(fields.left, "samples")
        samples = tuple(int.from_bytes(data[at : at + WIDTH], "little", signed=True) for at in range(0, len(data), WIDTH))
        try:
            when = EPOCH_2000 + timedelta(microseconds=stamp // 1000)
        except OverflowError:
            when = None
        wave = Waveform("ecg", samples, PERIOD, Decimal(1), "uV")
        yield self.reading(frame, waveforms=(wave,), settled=False, device_time=when)

    def commands(self) -> tuple[bytes, ...]:
        """Start and stop the ECG."""
        return (START, STOP)

"""Contec CMS50D+ (firmware up to 4.6): pulse oximeter with a 60 Hz pleth on a serial line.

Protocol: 19200 baud 8O1, unsolicited, 60 frames of 5 bytes a second; bit 7 is set on the first byte of a frame only. Byte 0: signal
strength (bits 0-3), finger out 0x10, dropping SpO2 0x20, beep 0x40. Byte 1: pleth, 7 bit. Byte 2: bar graph (bits 0-3), probe error 0x10, searching
0x20, bit 7 of the pulse rate 0x40. Byte 3: bits 0-6 of the pulse rate. Byte 4: SpO2. Pulse rate 255 and SpO2 127 mean "no value".
Layout as described by the public notes of atbrask and tobac on the device.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace

from drivers.driver import Driver, Serial
from drivers.measurement import Absent, Measurement, Refused, Waveform

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.measurement import Frame, Reading

LENGTH = 5
NO_PULSE, NO_SPO2 = 255, 127
PERIOD = Decimal(1) / 60
_FLAGS = ((0, 0x10, "finger-out"), (0, 0x20, "dropping-spo2"), (0, 0x40, "beep"), (2, 0x10, "probe-error"), (2, 0x20, "searching"))


class ContecCms50(Driver):
    """The 5-byte live stream of the CMS50D+."""

    name = "contec-cms50"
    models = ("Contec CMS50D+ up to firmware 4.6",)
    link = Serial("contec-cms50", baud=19200, parity="O")
    measures = ("spo2", "pulse-rate", "pleth", "signal-strength")
    stream = True
    proven_by: ClassVar[str] = "specification"

    def __init__(self) -> None:
        self._buffer = bytearray()

    def receive(self, frame: Frame) -> Iterator[Reading | Refused]:
        """Take any piece of the stream; a byte out of place costs the frame it stands in, never the next."""
        for byte in frame.data:
            if byte & 0x80:
                yield from self.finish()
                self._buffer = bytearray((byte,))
            elif not self._buffer:
                yield Refused("a byte outside any frame", bytes((byte,)))
            else:
                self._buffer.append(byte)
                if len(self._buffer) == LENGTH:
                    yield self._decode(replace(frame, data=bytes(self._buffer)))
                    self._buffer.clear()

    def finish(self) -> Iterator[Refused]:
        """Refuse an incomplete frame."""
        if self._buffer:
            yield Refused(f"a frame of {len(self._buffer)} bytes in place of {LENGTH}", bytes(self._buffer))
            self._buffer.clear()

    def _decode(self, frame: Frame) -> Reading:
        data = frame.data
        pulse, spo2 = (data[2] & 0x40) << 1 | data[3], data[4]
        return self.reading(
            frame,
            (
                Measurement("spo2", Absent.NOT_PERFORMED if spo2 == NO_SPO2 else Decimal(spo2), "%"),
                Measurement("pulse-rate", Absent.NOT_PERFORMED if pulse == NO_PULSE else Decimal(pulse), "/min"),
                Measurement("signal-strength", Decimal(data[0] & 0x0F), "1"),
            ),
            waveforms=(Waveform("pleth", (data[1],), PERIOD, Decimal(1), "1"),),
            settled=False,
            flags=tuple(name for index, bit, name in _FLAGS if data[index] & bit),
        )

"""Nonin OEM III, Xpod, 3012, 3150, 9560: data formats 2 and 7, pulse oximeter with a 75 Hz pleth of 8 or 16 bits.

Protocol: Nonin 9560 OEM Specification, "Serial Data Format #2" and "#7": 9600 baud 8N1, three packets of 25 frames of 5 bytes a second.
Format 2: 01, status, pleth, float, checksum; format 7: status, pleth high, pleth low, float, checksum; the checksum is the sum of the four bytes before it.
Status: bit 7 is always set; 0x20 artifact, 0x10 out of track, 0x08 sensor alarm, 0x04 red and 0x02 green perfusion (both: yellow), 0x01 marks
frame 1; OEM III has 0x40 sensor disconnected. Float by frame: 1-2 HR, 3 SpO2, 8 status 2 (0x20 SmartPoint, 0x01 low battery), 10 SpO2
fast, 14-15 E-HR and 16 E-SpO2 (8-beat averages, here "-slow"); the -D values are left out (see drivers.wire.nonin).
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from drivers.driver import DecodeError, Serial
from drivers.measurement import Refused, Waveform
from drivers.wire.framing import FrameStream
from drivers.wire.nonin import ACK, NAK, pulse, saturation, select

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from drivers.measurement import Frame, Reading

FRAMES, LENGTH = 25, 5
PERIOD = Decimal(1) / 75
_STATUS = ((0x40, "sensor-disconnected"), (0x20, "artifact"), (0x10, "out-of-track"), (0x08, "sensor-alarm"))
_PERFUSION = ("", "perfusion-green", "perfusion-red", "perfusion-yellow")
_STATUS2 = ((0x20, "smart-point"), (0x01, "low-battery"))


def status_flags(status: int) -> tuple[str, ...]:
    """The names of a status byte: alarms, then the perfusion that it grades (only while a pulse lasts)."""
    perfusion = _PERFUSION[status >> 1 & 3]
    return (*(name for bit, name in _STATUS if status & bit), *((perfusion,) if perfusion else ()))


class NoninWaveform(FrameStream):
    """Frames to packets: a packet with a frame lost or damaged is given up whole. The buffer holds one frame and 24 of its packet."""

    data_format: ClassVar[int]

    def __init__(self) -> None:
        super().__init__()
        self._packet: list[tuple[int, int, int]] = []
        self._bytes = bytearray()

    def commands(self) -> tuple[bytes, ...]:
        """Select this data format (9560; others have it wired)."""
        return (select(self.data_format),)

    def frame(self, frame: Frame) -> Iterator[Reading | Refused]:
        """Decode one frame; the 25th of a packet brings the Reading."""
        if frame.data[0] in (ACK, NAK):
            if frame.data[0] == NAK:
                yield Refused("the oximeter does not know this data format", frame.data)
            return
        if sum(frame.data[:4]) & 0xFF != frame.data[4]:
            raise DecodeError("wrong checksum")
        status, wave, value = self.fields(frame.data)
        if status & 1:
            yield from self.broken()
        elif not self._packet:
            yield Refused("a frame before the first one of a packet", frame.data)
            return
        self._packet.append((status, wave, value))
        self._bytes += frame.data
        if len(self._packet) == FRAMES:
            yield from self._complete(frame)
            self._packet.clear()
            self._bytes.clear()

    def fields(self, data: bytes) -> tuple[int, int, int]:
        """Status, pleth and float of one frame."""
        raise NotImplementedError

    def broken(self) -> Iterator[Refused]:
        """Give up the packet that is under way."""
        if self._packet:
            yield Refused(f"a packet of {len(self._packet)} frames in place of {FRAMES}", bytes(self._bytes))
            self._packet.clear()
            self._bytes.clear()

    def _complete(self, frame: Frame) -> Iterable[Reading]:
        values = [value for _, _, value in self._packet]
        status = 0
        for one, _, _ in self._packet:
            status |= one
        names = [name for bit, name in _STATUS if status & bit]
        seen = {name for one, _, _ in self._packet for name in status_flags(one)}
        names += [name for name in ("perfusion-red", "perfusion-yellow", "perfusion-green") if name in seen][:1]
        names += [name for bit, name in _STATUS2 if values[7] & bit]
        yield self.reading(
            frame,
            (
                pulse("pulse-rate", _nine_bits(values[0], values[1])),
                saturation("spo2", values[2] & 0x7F),
                saturation("spo2-fast", values[9] & 0x7F),
                pulse("pulse-rate-slow", _nine_bits(values[13], values[14])),
                saturation("spo2-slow", values[15] & 0x7F),
            ),
            waveforms=(Waveform("pleth", tuple(wave for _, wave, _ in self._packet), PERIOD, Decimal(1), "1"),),
            settled=False,
            flags=tuple(names),
        )


def _nine_bits(high: int, low: int) -> int:
    return (high & 3) << 7 | low & 0x7F


class NoninDf2(NoninWaveform):
    """Data format 2."""

    name = "nonin-df2"
    models = ("Nonin OEM III", "Nonin Xpod", "Nonin 3012", "Nonin 9560 in data format 2")
    data_format = 2
    link = Serial("nonin-df2", baud=9600, opening=(select(2),))
    measures = ("pulse-rate", "spo2", "spo2-fast", "pulse-rate-slow", "spo2-slow", "pleth")
    starts = bytes((1, ACK, NAK))
    proven_by: ClassVar[str] = "specification"

    def size(self, data: bytearray) -> int | None:
        """A frame begins with 01 and a status whose bit 7 is set."""
        if data[0] in (ACK, NAK):
            return 1
        return LENGTH if data[0] == 1 and (len(data) < 2 or data[1] & 0x80) else 0

    def fields(self, data: bytes) -> tuple[int, int, int]:
        """Status, pleth of 8 bits, float."""
        return data[1], data[2], data[3]


class NoninDf7(NoninWaveform):
    """Data format 7."""

    name = "nonin-df7"
    models = ("Nonin OEM III in data format 7", "Nonin 9560 in data format 7")
    data_format = 7
    link = Serial("nonin-df7", baud=9600, opening=(select(7),))
    measures = ("pulse-rate", "spo2", "spo2-fast", "pulse-rate-slow", "spo2-slow", "pleth")
    starts = bytes((ACK, NAK, *range(0x80, 0x100)))
    proven_by: ClassVar[str] = "simulator"

    def size(self, data: bytearray) -> int | None:
        """A frame begins with a status whose bit 7 is set."""
        if data[0] in (ACK, NAK):
            return 1
        return LENGTH if data[0] & 0x80 else 0

    def fields(self, data: bytes) -> tuple[int, int, int]:
        """Status, pleth of 16 bits, float."""
        return data[0], data[1] << 8 | data[2], data[3]

"""Contec CMS50D+ (firmware up to 4.6): the recording in the oximeter's memory, which is never this patient's until a person says so.

Protocol: on the line of the 5-byte stream (19200 baud 8O1). The host writes F5 F5; the device sends three times F2 80 00, three bytes of
length, then one triplet a second of recording: F0 or F1 (bit 0 is bit 7 of the pulse rate), 0x80 and the pulse rate's low 7 bits, SpO2 with
bit 7 clear. F6 F6 F6 returns to the live stream. Pulse rate 255 and SpO2 127 mean "no value". A recording has no clock. Layout as
described by the public notes of atbrask and the apneaboard wiki on the device.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from drivers.driver import DecodeError, Serial
from drivers.measurement import Absent, Measurement
from drivers.wire.framing import FrameStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.measurement import Frame, Reading

LENGTH = 3
NO_PULSE, NO_SPO2 = 255, 127
ASK, LIVE = b"\xf5\xf5", b"\xf6\xf6\xf6"
PREAMBLE = b"\xf2\x80\x00"


class ContecCms50Stored(FrameStream):
    """The 3-byte triplets of a recording. The buffer holds 3 bytes."""

    name = "contec-cms50-stored"
    models = ("Contec CMS50D+ up to firmware 4.6, recording",)
    link = Serial("contec-cms50-stored", baud=19200, parity="O")
    measures = ("spo2", "pulse-rate")
    starts = bytes(range(0x80, 0x100))
    proven_by: ClassVar[str] = "capture"

    def __init__(self) -> None:
        super().__init__()
        self._preambles = 0

    def commands(self) -> tuple[bytes, ...]:
        """Ask for the recording, return to the live stream. There is no command that erases it."""
        return ASK, LIVE

    def size(self, data: bytearray) -> int | None:
        """A triplet begins with bit 7 set, has it set again, then clear."""
        return LENGTH if data[0] & 0x80 and (len(data) < 2 or data[1] & 0x80) else 0

    def frame(self, frame: Frame) -> Iterator[Reading]:
        """Decode one triplet; the preamble and the length say nothing."""
        data = frame.data
        if data[2] & 0x80:
            raise DecodeError("not a triplet: bit 7 of SpO2 is set")
        if data == PREAMBLE:
            self._preambles += 1
            return
        if self._preambles == 3:
            self._preambles = 0
            return
        if data[0] & 0xFE != 0xF0:
            raise DecodeError("not a triplet: it does not begin with F0 or F1")
        pulse, spo2 = (data[0] & 1) << 7 | data[1] & 0x7F, data[2]
        yield self.reading(
            frame,
            (
                Measurement("spo2", Absent.NOT_PERFORMED if spo2 == NO_SPO2 else Decimal(spo2), "%"),
                Measurement("pulse-rate", Absent.NOT_PERFORMED if pulse == NO_PULSE else Decimal(pulse), "/min"),
            ),
            flags=("data-from-measurement-storage",),
        )

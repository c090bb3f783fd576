"""Contec CMS50E, CMS50F and CMS50D+ from firmware 7: pulse oximeter with a 60 Hz pleth in 9-byte packets.

Protocol: 115200 baud 8N1. A packet is a type byte with bit 7 clear, then up to 8 bytes with bit 7 set; the first of these carries bit 7 of
the bytes after it (its bit 0 is for the next byte). The host sends 7D 81 COMMAND and six 80; A7, A2, A0 greet, A1 starts the live data, A2 stops
it, AF every 5 s keeps it alive. Live packet (type 01): signal strength (bits 0-3), searching too long 0x10, low SpO2 0x20, beep 0x40, probe
error 0x80; pleth (7 bits), searching 0x80; bar graph (bits 0-3), perfusion index valid 0x10; pulse rate; SpO2; perfusion index (16 bits). Pulse rate 255
and SpO2 127 mean "no value". Type 0D says that the device ends the transfer. The perfusion index is left out: no public source gives
its scale. Command AE, which erases the recording, is not in the allow-list. Layout as described by the public notes of timegrid
and tobac on the devices.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from drivers.driver import DecodeError, Serial
from drivers.measurement import Absent, Measurement, Waveform
from drivers.wire.framing import FrameStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.measurement import Frame, Reading

LENGTH, LIVE, GOODBYE = 9, 0x01, 0x0D
NO_PULSE, NO_SPO2 = 255, 127
PERIOD = Decimal(1) / 60
_FLAGS = (
    (0, 0x10, "searching-too-long"),
    (0, 0x20, "dropping-spo2"),
    (0, 0x40, "beep"),
    (0, 0x80, "probe-error"),
    (1, 0x80, "searching"),
)


def command(code: int) -> bytes:
    """The host's packet for one command without arguments."""
    return bytes((0x7D, 0x81, code, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80))


GREETING = (command(0xA7), command(0xA2), command(0xA0))
START, STOP, KEEP_ALIVE = command(0xA1), command(0xA2), command(0xAF)


class ContecCms509(FrameStream):
    """The 9-byte packets. The buffer holds 10 bytes."""

    name = "contec-cms50-9"
    models = ("Contec CMS50E", "Contec CMS50F", "Contec CMS50D+ from firmware 7")
    link = Serial("contec-cms50-9", baud=115200, opening=(*GREETING, START), keep_alive=KEEP_ALIVE, keep_alive_s=5.0)
    measures = ("spo2", "pulse-rate", "pleth", "signal-strength")
    starts = bytes(range(0x80))
    proven_by: ClassVar[str] = "simulator"

    def commands(self) -> tuple[bytes, ...]:
        """Greet, start, keep alive, stop."""
        return *GREETING, START, KEEP_ALIVE

    def size(self, data: bytearray) -> int | None:
        """A live packet has 9 bytes; another one ends before the next byte with bit 7 clear, after 9 bytes at most."""
        if data[0] & 0x80:
            return 0
        end = next((at for at, byte in enumerate(data) if at and not byte & 0x80), None)
        if end is None:
            return LENGTH if data[0] == LIVE or len(data) >= LENGTH else None
        return end if end > 2 and data[0] != LIVE else 0

    def frame(self, frame: Frame) -> Iterator[Reading]:
        """Decode a live packet; another one is a Reading without measurements that names it."""
        kind, high, rest = frame.data[0], frame.data[1], frame.data[2:]
        data = tuple(byte & 0x7F | (0x80 if high >> at & 1 else 0) for at, byte in enumerate(rest))
        if kind != LIVE:
            yield self.reading(frame, settled=False, flags=("transfer-ended" if kind == GOODBYE else f"packet-{kind:02x}",))
            return
        if len(data) != LENGTH - 2:
            raise DecodeError(f"a live packet of {len(data) + 2} bytes in place of {LENGTH}")
        pulse, spo2 = data[3], data[4]
        yield self.reading(
            frame,
            (
                Measurement("spo2", Absent.NOT_PERFORMED if spo2 == NO_SPO2 else Decimal(spo2), "%"),
                Measurement("pulse-rate", Absent.NOT_PERFORMED if pulse == NO_PULSE else Decimal(pulse), "/min"),
                Measurement("signal-strength", Decimal(data[0] & 0x0F), "1"),
            ),
            waveforms=(Waveform("pleth", (data[1] & 0x7F,), PERIOD, Decimal(1), "1"),),
            settled=False,
            flags=tuple(name for index, bit, name in _FLAGS if data[index] & bit),
        )

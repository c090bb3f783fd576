"""Viatom (Wellue, Checkme, Lepu) rings and cuffs.

Protocol: service 14839ac4, commands on 8b00ace7, replies notified on 0734594a in pieces. Ring: `AA cmd ~cmd block(2) length(2) data crc8` to the
device; from it 55 in front and a status (0 = good) in place of the command. Cuff: `A5 cmd ~cmd direction sequence length(2) data crc8`. CRC-8
with polynomial 7. As in the public projects viatom-o2ring-ble and viatom_bp2_ha (its protocol notes of an LP-BP2W). A ring's reply does not
name its command: the length tells the two live readings apart.

Only commands that read are ever sent. On the cuff 09, 0A, 24, 25 and 39 inflate it or switch it off, 04, E2 and E3 reset it, 13 gives away
the Wi-Fi password; on the ring 16 configures and 18 resets.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from drivers.checksums import crc8
from drivers.driver import Driver, Gatt
from drivers.gatt.blood_pressure import results
from drivers.ieee11073 import Fields, scaled
from drivers.measurement import Absent, Measurement, Refused, Waveform

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.measurement import Frame, Reading

SERVICE = "14839ac4-7d7e-415c-9a42-167340cf2339"
NOTIFY = "0734594a-a8e7-4b1a-a6b1-cd5243059a57"
WRITE = "8b00ace7-eb0b-49b0-bbe9-9aee0a26e1a3"
PROTOCOL = "viatom"
RING_ASKS, RING_SAYS, CUFF = 0xAA, 0x55, 0xA5
#: no reply that is asked for is longer
HEAD, LONGEST = 7, 1024
INFORMATION, PING, SENSORS, LIVE = 0x14, 0x15, 0x17, 0x1B
READING = (12, 13)
#: 125 samples a second, by the maker's public SDK
PERIOD = Decimal("0.008")
_CHARGING = {1: "charging", 2: "fully-charged"}


def ring_command(op_code: int) -> bytes:
    """A command of the ring without data.

    Raises:
        ValueError: the op code is not one that reads.
    """
    if op_code not in (INFORMATION, PING, SENSORS, LIVE):
        raise ValueError(f"op code {op_code:#04x} is not one that reads")
    frame = bytes((RING_ASKS, op_code, op_code ^ 0xFF, 0, 0, 0, 0))
    return frame + bytes((crc8(frame),))


def _measured(raw: int, step: str = "1") -> Decimal | Absent:
    return scaled(raw, step) if raw else Absent.NOT_PERFORMED


class _Frames(Driver):
    """Whole frames out of pieces. What is no frame is left out byte by byte, so that a lost byte costs the frame it stood in and no other."""

    stream = True
    #: first bytes of the frames that this device sends
    marks: ClassVar[tuple[int, ...]] = ()

    def __init__(self) -> None:
        self._buffer = bytearray()

    def receive(self, frame: Frame) -> Iterator[Reading | Refused]:
        """Take any piece of the stream."""
        self._buffer += frame.data
        while self._buffer:
            reason, length = self._look()
            if reason:
                yield Refused(reason, self._taken(1))
            elif len(self._buffer) < length:
                return
            else:
                yield self._frame(frame, self._taken(length))

    def finish(self) -> Iterator[Refused]:
        """Refuse an incomplete frame."""
        if self._buffer:
            yield Refused("an incomplete frame", self._taken(len(self._buffer)))

    def _frame(self, frame: Frame, data: bytes) -> Reading | Refused:
        """Decode a whole frame."""
        raise NotImplementedError

    def _taken(self, count: int) -> bytes:
        data = bytes(self._buffer[:count])
        del self._buffer[:count]
        return data

    def _look(self) -> tuple[str, int]:
        """Why the buffer does not begin with a frame, or "" and how long that frame is."""
        data = self._buffer
        if data[0] not in self.marks:
            return "a byte outside any frame", 0
        if len(data) >= 3 and data[1] ^ data[2] != 0xFF:
            return "a command and its complement that do not fit", 0
        if len(data) < HEAD:
            return "", HEAD
        length = data[5] | data[6] << 8
        if length > LONGEST:
            return f"a length of {length}", 0
        whole = HEAD + length + 1
        if len(data) >= whole and crc8(data[: whole - 1]) != data[whole - 1]:
            return "the checksum does not fit", 0
        return "", whole


class Viatom(_Frames):
    """A ring: saturation and pulse, live."""

    name = PROTOCOL
    models = ("Viatom / Wellue O2Ring, SleepO2, CheckO2, KidsO2, O2 Max",)
    link = Gatt(
        service=SERVICE,
        notify=(NOTIFY,),
        names=("O2Ring", "O2M", "SleepU", "WearO2", "KidsO2", "Oxylink", "CheckO2"),
        protocol=PROTOCOL,
        write=WRITE,
        keep_alive=ring_command(SENSORS),
        keep_alive_s=1.0,
    )
    measures = ("spo2", "pulse-rate", "perfusion-index", "pleth", "movement", "battery")
    marks = (RING_SAYS, RING_ASKS)
    proven_by: ClassVar[str] = "specification"

    def receive(self, frame: Frame) -> Iterator[Reading | Refused]:
        """Take any piece of the stream; from "viatom" also a bare reading of 12 or 13 bytes, as logs quote it."""
        data = frame.data
        if frame.source == PROTOCOL and not self._buffer and len(data) in READING and data[0] not in self.marks:
            yield self._sensors(frame, data)
            return
        yield from super().receive(frame)

    def commands(self) -> tuple[bytes, ...]:
        """Ask for information, ping, ask for a reading in either form."""
        return tuple(ring_command(op_code) for op_code in (INFORMATION, PING, SENSORS, LIVE))

    def _frame(self, frame: Frame, data: bytes) -> Reading | Refused:
        payload = data[HEAD:-1]
        if data[0] == RING_ASKS:
            return self.reading(frame, settled=False, flags=(f"command-{data[1]:02x}",))
        if data[1]:
            return self.reading(frame, settled=False, flags=(f"status-{data[1]}",))
        if self._is_live(payload):
            return self._live(frame, payload)
        if len(payload) in READING:
            return self._sensors(frame, payload)
        return self.reading(frame, settled=False, flags=(f"reply-of-{len(payload)}-bytes",))

    @staticmethod
    def _is_live(payload: bytes) -> bool:
        """Whether the length of the curve in the payload is what follows it; a bare reading has no curve."""
        return len(payload) > max(READING) and int.from_bytes(payload[10:12], "little") == len(payload) - 12

    def _sensors(self, frame: Frame, payload: bytes) -> Reading:
        battery, charging, movement, perfusion, worn = payload[7:12]
        return self._values(frame, (payload[0], payload[1], battery, charging, perfusion, worn), movement=movement)

    def _live(self, frame: Frame, payload: bytes) -> Reading:
        fields = Fields(payload)
        spo2, pulse, battery = fields.u8("SpO2"), fields.u16("pulse rate"), fields.u8("battery")
        charging, perfusion, worn = fields.u8("charging"), fields.u8("perfusion index"), fields.u8("lead state")
        wave = Waveform("pleth", tuple(payload[12:]), PERIOD, Decimal(1), "1")
        return self._values(frame, (spo2, pulse, battery, charging, perfusion, worn), waves=(wave,))

    def _values(
        self, frame: Frame, raw: tuple[int, int, int, int, int, int], *, movement: int | None = None, waves: tuple[Waveform, ...] = ()
    ) -> Reading:
        spo2, pulse, battery, charging, perfusion, worn = raw
        values = [
            Measurement("spo2", _measured(spo2) if spo2 <= 100 else Absent.ERROR, "%"),
            Measurement("pulse-rate", _measured(pulse), "/min"),
            Measurement("perfusion-index", _measured(perfusion, "0.1"), "%"),
            Measurement("battery", scaled(battery, "1") if battery <= 100 else Absent.UNKNOWN, "%"),
        ]
        values += [] if movement is None else [Measurement("movement", scaled(movement, "1"), "1")]
        names: tuple[str, ...] = ("worn",) if worn == 1 else ("not-worn",)
        names += ("calibrating",) if worn == 1 and not spo2 and not pulse else ()
        names += (_CHARGING[charging],) if charging in _CHARGING else ()
        return self.reading(frame, tuple(values), waveforms=waves, settled=False, flags=names)


GET_STATE, GET_CONFIG, CUFF_LIVE, BATTERY, CUFF_INFORMATION, SYNC_TIME = 0x00, 0x06, 0x08, 0x30, 0xE1, 0xEC
_WITHOUT_DATA = (GET_STATE, GET_CONFIG, CUFF_LIVE, BATTERY, CUFF_INFORMATION)
_STATES = {3: "idle", 4: "measuring", 5: "result", 15: "inflating", 16: "pause", 17: "average-result"}


def cuff_command(op_code: int, data: bytes = b"", sequence: int = 0) -> bytes:
    """A command of the cuff.

    Raises:
        ValueError: the op code is not one that reads (or sets the clock), or its data have another form.
    """
    right = not data if op_code in _WITHOUT_DATA else op_code == SYNC_TIME and len(data) == 7
    if not right:
        raise ValueError(f"op code {op_code:#04x} with {len(data)} bytes is not one that reads")
    frame = bytes((CUFF, op_code, op_code ^ 0xFF, 0, sequence)) + len(data).to_bytes(2, "little") + data
    return frame + bytes((crc8(frame),))


class ViatomCuff(_Frames):
    """A cuff: pressure while it inflates, and the result when it is there. Its memory is not read."""

    name = "viatom-bp2"
    models = ("Viatom BP2, BP2A, LP-BP2W", "Checkme BP2")
    link = Gatt(
        service=SERVICE,
        notify=(NOTIFY,),
        names=("BP2", "Checkme BP2", "LP-BP2"),
        protocol=PROTOCOL,
        write=WRITE,
        keep_alive=cuff_command(GET_STATE),
        keep_alive_s=5.0,
    )
    measures = ("systolic", "diastolic", "mean-arterial-pressure", "pulse-rate", "cuff-pressure", "battery", "battery-voltage")
    quirk = True
    marks = (CUFF,)
    proven_by: ClassVar[str] = "specification"

    def commands(self) -> tuple[bytes, ...]:
        """Read the state, the configuration, live data, battery and information."""
        return tuple(cuff_command(op_code) for op_code in _WITHOUT_DATA)

    def allows(self, command: bytes) -> bool:
        """Also with any sequence number, and to set the clock."""
        if len(command) <= HEAD:
            return False
        try:
            return command == cuff_command(command[1], command[HEAD:-1], command[4])
        except ValueError:
            return False

    def _frame(self, frame: Frame, data: bytes) -> Reading | Refused:
        command, payload = data[1], data[HEAD:-1]
        if not data[3]:
            return self.reading(frame, settled=False, flags=(f"command-{command:02x}",))
        if command == CUFF_LIVE and len(payload) >= 5:
            return self._live(frame, payload) or Refused("live data too short for their type", data)
        if command == BATTERY and len(payload) == 4:
            voltage = Measurement("battery-voltage", scaled(int.from_bytes(payload[2:], "little"), "1"), "mV")
            return self.reading(frame, (voltage,), settled=False)
        names = (f"reply-{command:02x}",)
        if command == GET_STATE and len(payload) == 40:
            names = (f"state-{_STATES.get(payload[39], payload[39])}",)
        return self.reading(frame, settled=False, flags=names)

    def _live(self, frame: Frame, payload: bytes) -> Reading | None:
        kind, level = payload[0], payload[2]
        battery = Measurement("battery", scaled(level, "1") if level <= 100 else Absent.UNKNOWN, "%")
        numbers = [int.from_bytes(payload[at : at + 2], "little") for at in range(3, min(len(payload) - 1, 11), 2)]
        if kind == 0:
            return self.reading(frame, (Measurement("cuff-pressure", scaled(numbers[0], "1"), "mm[Hg]"), battery), settled=False)
        if kind != 1:
            return self.reading(frame, (battery,), settled=False, flags=(f"live-type-{kind}",))
        if len(numbers) < 4:
            return None
        systolic, diastolic, mean, pulse = (_measured(number) for number in numbers)
        values = results(systolic, diastolic, mean, "mm[Hg]")
        return self.reading(frame, (*values, Measurement("pulse-rate", pulse, "/min")))

"""A specialist at the desk's own ports: real handshake, real sealed stream, real envelopes, no sockets."""

from protocol import engine, sound, specialist, station
from protocol.station import HANDSHAKE, SEALED
from simulators.specialist import SpecialistHandshake, SpecialistKeys
from tests.kiosk.booth_rig import KEYS, Desk


class Doctor:
    """One specialist; `heard` holds every sealed message of the booth."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self.keys = desk, SpecialistKeys()
        self.heard: list[specialist.FromBooth] = []
        self.sounds: list[sound.Sound] = []
        self._handshake: SpecialistHandshake | None = None
        desk.ports.specialist = self._hear

    def join(self) -> None:
        """Enter the consultation that waits."""
        booth, consultation = self._desk.booth, "c0ffee00-0000"
        booth.from_station(station.Joined(consultation, "Dr Essai", ()))
        booth.from_call(engine.Prepared(()))
        self._handshake = SpecialistHandshake(self.keys, consultation)
        booth.relayed(HANDSHAKE, self._handshake.hello)
        booth.relayed(SEALED, self._sealed(specialist.Resume(log="rig", of="", received=0)))
        booth.tick()
        assert self._desk.view.stage == "in-call"

    def say(self, message: specialist.FromSpecialist) -> None:
        """One sealed message."""
        self._desk.booth.relayed(SEALED, self._sealed(message))
        self._desk.booth.tick()

    def _sealed(self, message: specialist.FromSpecialist) -> bytes:
        assert self._handshake is not None
        assert self._handshake.sealer is not None
        return self._handshake.sealer.seal(specialist.from_specialist.encode(message))

    @property
    def situation(self) -> specialist.Situation:
        """The newest."""
        return next(message for message in reversed(self.heard) if isinstance(message, specialist.Situation))

    def mail(self, kind: str) -> list[bytes]:
        """The payloads of this kind in the mailbox, opened."""
        posted = [message for message in self._desk.ports.posted if isinstance(message, station.Deposit)]
        opened = [self.keys.open(KEYS.public, message.envelope) for message in posted]
        return [payload for header, payload in opened if header.kind == kind]

    def _hear(self, kind: int, body: bytes) -> None:
        assert self._handshake is not None
        if kind == HANDSHAKE:
            reply = self._handshake.receive(body)
            if reply is not None:
                self._desk.booth.relayed(HANDSHAKE, reply)
        elif kind == SEALED:
            assert self._handshake.opener is not None
            plain = self._handshake.opener.open(body)
            if plain[0] == sound.KIND:
                self.sounds.append(sound.decode(plain))
                return
            message = specialist.from_booth.decode(plain)
            if not isinstance(message, specialist.Resume):
                self.heard.append(message)


def part_of(payload: bytes, photo: str) -> tuple[int, int, bytes]:
    """Number, count and octets of one part of this photograph."""
    fields, at = [], 0
    while at < len(payload):
        size = int.from_bytes(payload[at : at + 4], "big")
        fields.append(payload[at + 4 : at + 4 + size])
        at += 4 + size
    assert fields[:2] == [photo.encode(), b"photo"]
    return int.from_bytes(fields[2], "big"), int.from_bytes(fields[3], "big"), fields[4]

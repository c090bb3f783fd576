"""Every parser that reads from outside, under mutated messages: nothing comes out but a message or the one typed error of its room."""

from __future__ import annotations

import base64
import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nacl.public import PrivateKey

from kiosk.secure import codes, padding, prekeys
from kiosk.secure.envelope import Header, Recipient, seal, unseal
from kiosk.secure.errors import SecureError
from kiosk.secure.handshake import BoothHandshake, sdp_fingerprints
from kiosk.secure.keys import BoothKeys, verify
from kiosk.secure.stream import Opener, Sealer
from kiosk.specialist_line import SpecialistLine
from protocol import directory, engine, enrolment, handshake, screen, specialist, station
from protocol.codec import Codec, ProtocolError
from protocol.directory import DirectoryError
from simulators.specialist import SpecialistHandshake, SpecialistKeys
from tests.proofs._examples import examples, octets
from tests.proofs._sliced import Sliced, counted

if TYPE_CHECKING:
    from collections.abc import Callable

RECORDED = Path(__file__).parents[1] / "vectors/messages-v1.json"
CODECS: dict[str, Codec[Any]] = {
    f"{module.__name__.split('.')[1]}.{name}": codec
    for module in (handshake, specialist, station, screen, engine)
    for name, codec in vars(module).items()
    if isinstance(codec, Codec)
}
KEYS = BoothKeys(b"b" * 32)
SPECIALIST = SpecialistKeys(lambda size: b"s" * size)
#: what a mutator likes to put where it does not belong
_SPICE = (
    b"",
    b"\x00",
    b"\xff",
    b"null",
    b"-1",
    b"1e999",
    b'"',
    b"\\u0000",
    b"\xc1",
    b"[" * 50,
    b"{",
    b"9" * 400,
    "é".encode(),
    b"\xed\xa0\x80",
)


def mutated(seed: random.Random, given: bytes) -> bytes:
    """The message with one to three faults: octets changed, cut, doubled, moved, or spiced."""
    data = bytearray(given)
    for _ in range(1 + (seed.random() < 0.3) + (seed.random() < 0.1)):
        at = int(seed.random() * (len(data) + 1))
        match int(seed.random() * 7):
            case 0 if data:
                data[at % len(data)] ^= 1 << int(seed.random() * 8)
            case 1:
                data[at:at] = seed.choice(_SPICE)
            case 2:
                del data[at : at + 1 + int(seed.random() * 8)]
            case 3:
                del data[at:]
            case 4:
                end = at + int(seed.random() * 40)
                data[at:at] = data[at:end]
            case 5 if data:
                data[at % len(data)] = int(seed.random() * 256)
            case _:
                end = at + 1 + int(seed.random() * 4)
                data[at:end] = seed.choice(_SPICE)
    return bytes(data)


class Nobody:
    """Hears a line that is attacked."""

    def agreed(self, agreement: object) -> None: ...

    def said(self, message: object) -> None: ...

    def broken(self, reason: str, *, detail: str) -> None:
        """A line that is refused says why: a text key and a sentence."""
        if not reason or not detail:
            raise AssertionError("a refusal without words")


def _line() -> tuple[SpecialistLine, list[bytes], SpecialistHandshake]:
    sent: list[bytes] = []
    line = SpecialistLine(KEYS, "c1", "P", lambda _, body: sent.append(body), lambda found: found.name, Nobody())
    line.prepared(())
    return line, sent, SpecialistHandshake(SPECIALIST, "c1")


def _hello(data: bytes) -> None:
    BoothHandshake(KEYS, "c1", "P", ()).receive(data)


def _code_hello(data: bytes) -> None:
    gate = codes.CodeGate((codes.Code("12345", b"678901", "typed"),), expires=1.0, now=lambda: 0.0)
    BoothHandshake(KEYS, "c1", "P", (), gate=gate).receive(data)


def _reveal_target() -> tuple[bytes, Callable[[bytes], None]]:
    line, sent, page = _line()
    line.received(station.HANDSHAKE, page.hello)
    reveal = page.receive(sent[0])
    if reveal is None:
        raise AssertionError("no reveal")

    def receive(data: bytes) -> None:
        fresh, _, _ = _line()
        fresh.received(station.HANDSHAKE, page.hello)
        fresh.received(station.HANDSHAKE, data)

    return reveal, receive


def _stream_target() -> tuple[bytes, Callable[[bytes], None]]:
    sealer = Sealer(b"k" * 32, b"t" * 32)
    text = specialist.from_specialist.encode(specialist.Text("bonjour", 1))

    def receive(data: bytes) -> None:
        specialist.from_specialist.decode(Opener(b"k" * 32, sealer.header, b"t" * 32).open(data))

    return sealer.seal(padding.padded(text)), receive


def _envelope_target() -> tuple[bytes, Callable[[bytes], None]]:
    private = PrivateKey(b"p" * 32)
    to = Recipient(SPECIALIST.identity, bytes(private.public_key))
    sealed = seal(KEYS, to, Header("e1", "observation", "c1", 1, to.text, "2026-01-01T00:00:00+00:00"), b'{"a":1}')
    return sealed, lambda data: unseal(private, KEYS.public, SPECIALIST.identity, data) and None


def _inner_target() -> tuple[bytes, Callable[[bytes], None]]:
    """What is inside an envelope that somebody has sealed who is not the booth."""
    from nacl.public import SealedBox

    private = PrivateKey(b"p" * 32)
    sealed, _ = _envelope_target()
    inner = SealedBox(private).decrypt(sealed[2:])
    box = SealedBox(private.public_key)
    return inner, lambda data: unseal(private, KEYS.public, SPECIALIST.identity, b"\x02\x01" + box.encrypt(data)) and None


def _directory_target() -> tuple[bytes, Callable[[bytes], None]]:
    vectors = json.loads((RECORDED.parent / "directory.json").read_text())
    good, pin = max(map(base64.b64decode, vectors["good"].values()), key=len), directory.pin(vectors["pin"])
    return good, lambda data: directory.newer(data, None, pin, verify) and None


def _request_target() -> tuple[bytes, Callable[[bytes], None]]:
    request = enrolment.Request("booth", "Pharmacie du Pont", KEYS.public, KEYS.sealing)
    return enrolment.encode(request, KEYS.sign).encode(), lambda data: enrolment.decode(data.decode(errors="replace"), verify) and None


def _prekey_target() -> tuple[bytes, Callable[[bytes], None]]:
    now = datetime(2026, 1, 12, tzinfo=UTC)
    hello = SpecialistHandshake(SPECIALIST, "c1", prekey=SPECIALIST.prekey(int(now.timestamp() * 1000))).hello

    def receive(data: bytes) -> None:
        message = handshake.handshake.decode(data)
        if isinstance(message, handshake.HelloSpecialist) and message.prekey is not None:
            prekeys.checked(message.identity, message.prekey, now)

    return hello, receive


def _decoder(codec: Codec[Any]) -> Callable[[bytes], None]:
    def receive(data: bytes) -> None:
        codec.decode(data)

    return receive


def targets() -> list[tuple[str, bytes, Callable[[bytes], object], int]]:
    """Name, a good message, the parser, and how often it is hit beside the others: cheap parsers more often than those that do arithmetic."""
    rows = json.loads(RECORDED.read_text())["messages"]
    found: list[tuple[str, bytes, Callable[[bytes], object], int]] = [
        (row["codec"], base64.b64decode(row["octets"]), _decoder(CODECS[row["codec"]]), 20) for row in rows
    ]
    found += [
        (f"{name} {kind.tag}", octets(plain, codec), _decoder(codec), 5)
        for name, codec in CODECS.items()
        for kind, plain in examples(codec)
    ]
    code = codes.Code("12345", b"678901", "typed")
    found += [
        ("handshake hello", SpecialistHandshake(SPECIALIST, "c1").hello, _hello, 6),
        ("handshake hello by code", SpecialistHandshake(SPECIALIST, "c1", code=code).hello, _code_hello, 2),
        ("handshake reveal", *_reveal_target(), 2),
        ("stream frame", *_stream_target(), 20),
        ("envelope", *_envelope_target(), 6),
        ("inside an envelope", *_inner_target(), 6),
        ("typed code", b"48213 907 264", lambda data: codes.read(data.decode(errors="replace")), 20),
        ("invitation", b"guest.48213.AAECAwQFBgcICQoLDA0ODw", lambda data: codes.read(data.decode(errors="replace")), 20),
        ("directory", *_directory_target(), 6),
        ("enrolment request", *_request_target(), 6),
        ("pin", b"SO_fkME_xtpDPxidte97dp8ESq8nFNSHo1D6Z4vKM4Q.0.7", lambda data: directory.pin(data.decode(errors="replace")), 20),
        ("prekey", *_prekey_target(), 6),
        ("sdp", b"v=0\r\na=fingerprint:sha-256 AB:CD\r\n", lambda data: sdp_fingerprints(data.decode(errors="replace")), 20),
    ]
    return found


def fuzz(first: int, count: int) -> dict[str, int]:
    """`count` mutated messages; raises on anything but a message and the typed errors."""
    seed = random.Random(first)
    all_targets = targets()
    weights = [weight for *_, weight in all_targets]
    accepted = refused = 0
    for name, good, receive, _ in seed.choices(all_targets, weights, k=count):
        data = mutated(seed, good)
        try:
            receive(data)
            accepted += 1
        except (ProtocolError, SecureError, DirectoryError) as error:
            refused += 1
            if not str(error):
                raise AssertionError(f"{name}: a refusal without words") from None
        except Exception as error:
            raise AssertionError(f"{name}: {type(error).__name__} on {data!r}") from error
    return {"accepted": accepted, "refused": refused}


PROOFS = {"20 million messages": Sliced(counted(fuzz, 20_000_000, 200_000))}

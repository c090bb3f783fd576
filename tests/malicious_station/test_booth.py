"""A hostile station against the booth: every attack is refused, said on the screen and recorded; without the one check it succeeds.

Needs F000-08, F000-44, F004-25.
"""

from __future__ import annotations

import json
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from kiosk.secure import codes, transcript
from kiosk.secure.codes import Code, CodeGate
from kiosk.secure.directory import Trust
from kiosk.secure.errors import TrustError
from kiosk.secure.keys import BoothKeys
from kiosk.secure.organisation import Organisation
from kiosk.secure.padding import padded
from kiosk.secure.stream import Opener
from kiosk.specialist_line import SpecialistLine
from protocol import engine, screen, specialist, station
from protocol.handshake import Agreed, HelloBooth, Reveal, handshake
from protocol.station import HANDSHAKE, SEALED
from simulators.hostile_station import MEDIA, HostileStation, KeySwapper, Meddles, Rewrites, forged_receipt, grind, rewritten
from simulators.specialist import SpecialistHandshake, SpecialistKeys
from tests.kiosk.booth_rig import KEYS, START, Desk
from tests.kiosk.test_trust import KEYS as STOLEN
from tests.kiosk.test_trust import NOW, Town
from tests.malicious_station.weakened import weakened
from ui.words import said

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PRINTS = ("sha-256 " + ":".join(["AB"] * 32),)
CODE = Code("48213", b"907264", "typed")


@dataclass
class Hears:
    """What the booth's end of the line tells."""

    agreements: list[Any] = field(default_factory=list)
    messages: list[Any] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    def agreed(self, agreement: Any) -> None:
        self.agreements.append(agreement)

    def said(self, message: Any) -> None:
        self.messages.append(message)

    def broken(self, reason: str, *, detail: str) -> None:
        assert detail
        self.reasons.append(reason)


@dataclass
class Scene:
    """A page, a hostile station, and the booth's end of the line (`line`: the product's, or a copy without one check)."""

    hostile: HostileStation
    line: Any = SpecialistLine
    gate: CodeGate | None = None
    code: Code | None = None
    hears: Hears = field(default_factory=Hears)

    def __post_init__(self) -> None:
        self.page = SpecialistHandshake(SpecialistKeys(), "c1", PRINTS, code=self.code)
        self.out: list[tuple[int, bytes]] = []
        self.end = self.line(
            BoothKeys(b"b" * 32),
            "c1",
            "P",
            lambda kind, body: self.out.append((kind, body)),
            lambda found: found.name,
            self.hears,
            gate=self.gate,
        )
        self.end.prepared(PRINTS)

    def to_booth(self, kind: int, body: bytes) -> None:
        for frame in self.hostile.to_booth(kind, body):
            self.end.received(*frame)

    def shake(self) -> None:
        """The handshake, as far as it goes."""
        self.to_booth(HANDSHAKE, self.page.hello)
        for kind, body in self._taken():
            reveal = self.page.receive(body) if kind == HANDSHAKE else None
            if reveal is not None:
                self.to_booth(HANDSHAKE, reveal)
        for kind, body in self._taken():
            if kind == HANDSHAKE:
                self.page.receive(body)

    def _taken(self) -> list[tuple[int, bytes]]:
        out, self.out = self.out, []
        return [frame for kind, body in out for frame in self.hostile.to_page(kind, body)]

    def write(self, *texts: str) -> list[bytes]:
        assert self.page.sealer is not None
        return [self.page.sealer.seal(padded(specialist.from_specialist.encode(specialist.Text(text, 1)))) for text in texts]

    @property
    def refused(self) -> str:
        return self.hears.reasons[0] if self.hears.reasons else ""

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.hears.messages]


def line_without(old: str, new: str, module: str = "kiosk.secure.handshake") -> Any:
    """The booth's line over a handshake without one check."""
    return weakened("kiosk.specialist_line", BoothHandshake=weakened(module, (old, new)).BoothHandshake).SpecialistLine


BELIEVES_SIGNATURES = ('if not verify(hello.identity, transcript.statement("specialist", digest), reveal.signature):', "if False:")
UNSEALED = weakened(
    "kiosk.secure.stream",
    (
        "return bytes(bindings.crypto_secretstream_xchacha20poly1305_push(self._state, plaintext, self._associated, tag))",
        "return plaintext",
    ),
    (
        "plaintext, tag = bindings.crypto_secretstream_xchacha20poly1305_pull(self._state, sealed, self._associated)",
        "plaintext, tag = sealed, 0",
    ),
)


# what is swapped in the handshake


def test_a_swapped_key_would_let_the_station_read() -> None:
    """Attack: the station's ephemeral key in the place of the page's. Success: it opens what the booth seals."""

    def attack(line: Any) -> tuple[str, bool]:
        swapper = KeySwapper()
        scene = Scene(Rewrites(for_booth={"hello-specialist": {"ephemeral": b64encode(swapper.public).decode()}}), line)
        scene.to_booth(HANDSHAKE, scene.page.hello)
        reply = scene.out.pop()[1]
        reveal = scene.page.receive(reply)
        assert reveal is not None
        scene.to_booth(HANDSHAKE, reveal)
        if not scene.hears.agreements:
            return scene.refused, False
        agreed = next(body for kind, body in scene.out if kind == HANDSHAKE)
        scene.end.send(specialist.DeviceLost("a secret", ""))
        hello = rewritten(scene.page.hello, ephemeral=b64encode(swapper.public).decode())
        booth_says, page_says, last = handshake.decode(reply), handshake.decode(reveal), handshake.decode(agreed)
        assert isinstance(booth_says, HelloBooth)
        assert isinstance(page_says, Reveal)
        assert isinstance(last, Agreed)
        key = swapper.stream_key(hello, reply, page_says.nonce, booth_says.ephemeral)
        opener = Opener(key, last.header, transcript.transcript(hello, reply, page_says.nonce))
        return "", any(b"a secret" in opener.open(body) for kind, body in scene.out if kind == SEALED)

    assert attack(SpecialistLine) == ("bad-signature", False)
    assert attack(line_without(*BELIEVES_SIGNATURES)) == ("", True)


@pytest.mark.parametrize("field_name", ["identity", "sealing", "fingerprints", "name"])
def test_anything_else_that_is_swapped_in_the_page_s_hello(field_name: str) -> None:
    """Attack: another identity, envelope key, certificate or name. Success: the booth agrees with what the station has put there."""
    other = SpecialistKeys()
    value: Any = {
        "identity": b64encode(other.identity).decode(),
        "sealing": b64encode(bytes(other.sealing.public_key)).decode(),
        "fingerprints": list(MEDIA),
        "name": "Dr Mallory",
    }[field_name]

    def attack(line: Any) -> Scene:
        scene = Scene(Rewrites(for_booth={"hello-specialist": {field_name: value}}), line)
        scene.to_booth(HANDSHAKE, scene.page.hello)
        reveal = scene.page.receive(scene.out.pop()[1])
        assert reveal is not None
        scene.to_booth(HANDSHAKE, reveal)
        return scene

    assert (attack(SpecialistLine).refused, attack(SpecialistLine).hears.agreements) == ("bad-signature", [])
    fooled = attack(line_without(*BELIEVES_SIGNATURES)).hears.agreements[0]
    assert getattr(fooled, field_name) in (other.identity, bytes(other.sealing.public_key), MEDIA, "Dr Mallory")


def test_a_downgraded_version() -> None:
    """Attack: version 1 toward the booth, version 2 back toward the page. Success: a newer page and a newer booth speak version 1."""

    def attack(line: Any) -> Scene:
        scene = Scene(Rewrites(for_booth={"hello-specialist": {"version": 1}}, for_page={"hello-booth": {"version": 2}}), line)
        scene.shake()
        return scene

    assert (attack(SpecialistLine).refused, attack(SpecialistLine).hears.agreements) == ("bad-signature", [])
    both = weakened("kiosk.secure.handshake", BELIEVES_SIGNATURES)
    scene = Scene(
        Rewrites(for_booth={"hello-specialist": {"version": 1}}),
        weakened("kiosk.specialist_line", BoothHandshake=both.BoothHandshake).SpecialistLine,
    )
    scene.to_booth(HANDSHAKE, scene.page.hello)
    reveal = scene.page.receive(rewritten(scene.out.pop()[1], version=2))
    assert reveal is not None
    scene.to_booth(HANDSHAKE, reveal)
    assert scene.hears.agreements[0].version == 1


def test_a_version_that_nobody_speaks() -> None:
    scene = Scene(Rewrites(for_booth={"hello-specialist": {"version": 0}}))
    scene.to_booth(HANDSHAKE, scene.page.hello)
    assert scene.refused == "bad-version"


def test_digits_that_are_chosen_after_the_booth_s_nonce() -> None:
    """Attack: the station plays the page and looks for a nonce with the digits that it needs. Success: the booth shows them."""

    def attack(line: Any) -> tuple[str, str]:
        scene = Scene(HostileStation(), line)  # the page is the station's own
        scene.to_booth(HANDSHAKE, scene.page.hello)
        reply = scene.out.pop()[1]
        reveal = scene.page.receive(reply)
        assert reveal is not None
        scene.page._nonce = grind(scene.page.hello, reply, lambda digits: digits.endswith("77"))
        scene.page.booth = None
        again = scene.page.receive(reply)
        assert again is not None
        scene.to_booth(HANDSHAKE, again)
        return scene.refused, scene.hears.agreements[0].authentication if scene.hears.agreements else ""

    assert attack(SpecialistLine) == ("bad-commitment", "")
    reason, digits = attack(line_without("if transcript.commitment(reveal.nonce) != hello.commitment:", "if False:"))
    assert (reason, digits[-2:]) == ("", "77")


def test_a_handshake_of_another_consultation() -> None:
    """Attack: a page that wants another booth's patient is sent here. Success: it agrees with this booth."""

    def attack(line: Any) -> Scene:
        scene = Scene(HostileStation(), line)
        scene.page = SpecialistHandshake(SpecialistKeys(), "c2", PRINTS)
        scene.to_booth(HANDSHAKE, scene.page.hello)
        if scene.out:
            reveal = scene.page.receive(scene.out.pop()[1])
            assert reveal is not None
            scene.to_booth(HANDSHAKE, reveal)
        return scene

    assert attack(SpecialistLine).refused == "other-consultation"
    assert attack(line_without("if hello.consultation != self._consultation:", "if False:")).hears.agreements


def test_media_of_the_station_s_own() -> None:
    """Attack: the offer names another certificate than the one that was signed. Success: the call process is given it."""
    offer = specialist.Offer(f"v=0\r\na=fingerprint:{MEDIA[0]}\r\n")

    def attack(line: Any) -> Scene:
        scene = Scene(HostileStation(), line)
        scene.shake()
        assert scene.page.sealer is not None
        scene.to_booth(SEALED, scene.page.sealer.seal(specialist.from_specialist.encode(offer)))
        return scene

    assert (attack(SpecialistLine).refused, attack(SpecialistLine).hears.messages) == ("other-fingerprints", [])
    trusting = weakened("kiosk.specialist_line", ("sdp_fingerprints(message.sdp) != self.agreement.fingerprints", "False"))
    assert attack(trusting.SpecialistLine).hears.messages == [offer]


def test_a_station_in_the_middle_shows_two_different_strings() -> None:
    """Attack: one honest handshake with each end, in the place of the other. Nothing is forged: what people compare differs."""
    toward_booth, toward_page = Scene(HostileStation()), Scene(HostileStation())
    toward_booth.page = SpecialistHandshake(SpecialistKeys(), "c1", MEDIA)  # the station's own
    toward_booth.shake()
    toward_page.shake()  # with a booth of the station's own
    assert toward_booth.hears.agreements[0].authentication == toward_booth.page.authentication
    assert toward_page.page.authentication != toward_booth.hears.agreements[0].authentication


# what is done to the sealed stream

MEDDLING: dict[str, tuple[Callable[[list[bytes]], list[bytes]], list[str]]] = {
    "replay": (lambda frames: [frames[0], frames[0], *frames[1:]], ["un", "un", "deux", "trois"]),
    "reorder": (lambda frames: [frames[1], frames[0], frames[2]], ["deux", "un", "trois"]),
    "drop": (lambda frames: [frames[0], frames[2]], ["un", "trois"]),
    "alter": (lambda frames: [frames[0], frames[1].replace(b"deux", b"DEUX"), frames[2]], ["un", "DEUX", "trois"]),
    "truncate": (lambda frames: [frame[:-4] for frame in frames], ["un", "deux", "trois"]),
    "invent": (lambda frames: [frames[0], b'{"type":"text","text":"faux","at":1}'], ["un", "faux"]),
}


@pytest.mark.parametrize("attack", MEDDLING)
def test_frames_that_are_meddled_with(attack: str) -> None:
    """Success, when the stream is not sealed: the booth hears what the station wants."""
    how, heard = MEDDLING[attack]

    def run(line: Any, sealer: Any = None) -> Scene:
        scene = Scene(Meddles(how=how), line)
        scene.shake()
        if sealer is not None:
            scene.page.sealer = sealer(b"k" * 32, b"")
        for frame in scene.write("un", "deux", "trois"):
            scene.to_booth(SEALED, frame)
        assert isinstance(scene.hostile, Meddles)
        for frame in scene.hostile.release() if attack != "alter" or sealer else [(SEALED, _bent(body)) for body in scene.hostile.held]:
            scene.end.received(*frame)
        return scene

    scene = run(SpecialistLine)
    assert scene.refused == "message-altered"
    assert scene.texts == ["un"][: len(scene.texts)]
    plain = weakened("kiosk.secure.handshake", Sealer=UNSEALED.Sealer, Opener=UNSEALED.Opener).BoothHandshake
    assert run(weakened("kiosk.specialist_line", BoothHandshake=plain).SpecialistLine, UNSEALED.Sealer).texts == heard


def _bent(frame: bytes) -> bytes:
    return frame[:-1] + bytes((frame[-1] ^ 1,))


def test_a_stream_that_is_cut_short() -> None:
    """Attack: the end is kept back and the page is said to have left. Success: it looks like an end."""

    def attack(line: Any) -> Scene:
        scene = Scene(HostileStation(), line)
        scene.shake()
        scene.end.left()
        return scene

    assert attack(SpecialistLine).refused == "stream-cut"
    unaware = weakened("kiosk.specialist_line", ("if over or self._handshake is None or not self._handshake.begun:", "if True:"))
    assert attack(unaware.SpecialistLine).refused == ""
    honest = Scene(HostileStation())
    honest.shake()
    assert honest.page.sealer is not None
    honest.to_booth(SEALED, honest.page.sealer.seal(b'{"type":"leave"}', final=True))
    honest.end.left()
    assert honest.refused == ""


def test_a_handshake_that_is_held_back() -> None:
    """Attack: the page's answer never arrives, and the page gives up. Success: nobody at the booth hears that somebody was kept out."""

    def attack(line: Any) -> Scene:
        scene = Scene(HostileStation(), line)
        scene.to_booth(HANDSHAKE, scene.page.hello)
        scene.end.left()
        return scene

    assert (attack(SpecialistLine).refused, attack(SpecialistLine).hears.agreements) == ("handshake-cut", [])
    silent = weakened("kiosk.specialist_line", ("not self._handshake.begun", "self.agreement is None"))
    assert attack(silent.SpecialistLine).refused == ""
    nobody = Scene(HostileStation())
    nobody.end.left()
    assert nobody.refused == "", "a page that has said nothing is no incident"


# codes


def gated(
    line: Any = SpecialistLine, code: Code | None = None, hostile: HostileStation | None = None, gate: CodeGate | None = None
) -> Scene:
    at = gate or CodeGate((CODE,), expires=900.0, now=lambda: 0.0)
    scene = Scene(hostile or HostileStation(), line, at, code)
    scene.shake()
    return scene


def test_a_doctor_without_the_code_is_sent_to_the_patient() -> None:
    """Attack: the station sends somebody else's page, or its own. Success: that one agrees with the booth."""
    assert gated().refused == "code-missing"
    guess = Code("48213", b"000000", "typed")
    assert gated(code=guess).refused == "code-wrong"
    lax = line_without("if not hmac.compare_digest(reveal.confirmation, expected):", "if False:")
    scene = Scene(HostileStation(), lax, CodeGate((CODE,), expires=900.0, now=lambda: 0.0), guess)
    scene.to_booth(HANDSHAKE, scene.page.hello)
    reveal = scene.page.receive(scene.out.pop()[1])
    assert reveal is not None
    scene.to_booth(HANDSHAKE, reveal)
    assert scene.hears.agreements


def test_the_code_is_taken_out_of_the_hello() -> None:
    """Attack: a downgrade to a handshake without a code."""
    scene = Scene(
        Rewrites(for_booth={"hello-specialist": {"code": "", "share": ""}}),
        gate=CodeGate((CODE,), expires=9.0, now=lambda: 0.0),
        code=CODE,
    )
    scene.to_booth(HANDSHAKE, scene.page.hello)
    assert scene.refused == "code-missing"


def test_a_station_that_guesses_has_three_tries() -> None:
    """Success, without the limit: it finds the code in as many tries as it likes."""
    guesses = [Code("48213", f"{number:06d}".encode(), "typed") for number in (1, 2, 3)] + [CODE]

    def attack(gate_class: Any) -> list[str]:
        gate = gate_class((CODE,), expires=900.0, now=lambda: 0.0)
        return [gated(code=guess, gate=gate).refused for guess in guesses]

    assert attack(CodeGate) == ["code-wrong"] * 3 + ["code-tries"]
    assert attack(weakened("kiosk.secure.codes", ("return self._tries >= TRIES", "return False")).CodeGate) == ["code-wrong"] * 3 + [""]


def test_what_passes_does_not_tell_the_code() -> None:
    """Attack: try every code against the octets of one honest handshake. Success, when the digits are the key themselves: it is found."""
    tried = [f"{number:06d}".encode() for number in range(907_000, 907_500)]

    def found(secret_of: Callable[[bytes], bytes], code: Code) -> list[bytes]:
        hostile = HostileStation()
        gated(code=code, hostile=hostile, gate=CodeGate((code,), expires=9.0, now=lambda: 0.0))
        frames = [body for kind, body in hostile.seen if kind == HANDSHAKE]
        hello, reply, reveal = frames[0], next(f for f in frames if b"hello-booth" in f), next(f for f in frames if b'"reveal"' in f)
        message = handshake.decode(reveal)
        assert isinstance(message, Reveal)
        digest = transcript.transcript(hello, reply, message.nonce)
        return [guess for guess in tried if transcript.confirmation("specialist", digest, secret_of(guess)) == message.confirmation]

    assert found(lambda guess: guess, CODE) == []
    careless = Code("48213", b"907264", "link")  # digits mixed in as if they were 128 bits
    assert found(lambda guess: guess, careless) == [b"907264"]


def test_a_share_that_is_swapped_on_the_way() -> None:
    """Attack: the station's own CPace share toward the booth, to be in the middle."""
    other = SpecialistHandshake(SpecialistKeys(), "c1", code=Code("48213", b"000001", "typed"))
    share = json.loads(other.hello)["share"]
    scene = gated(code=CODE, hostile=Rewrites(for_booth={"hello-specialist": {"share": share}}))
    assert (scene.refused, scene.hears.agreements) == ("bad-signature", [])


# directories


def test_an_old_directory_that_hides_a_theft(tmp_path: Path) -> None:
    """Attack: the station serves the directory of before a key was revoked. Success: who has stolen the key is believed again.

    What the screen and the record say is in tests/kiosk/test_trust.py.
    """
    town = Town(tmp_path)
    pin = town.organisation.pin
    town.enlist()
    before = town.organisation.octets
    town.organisation.revoke("Dr Zoë Févre", "stolen", NOW)

    def attack(trust_of: Any) -> str:
        trust = trust_of(tmp_path / "directory", pin)
        trust.take(town.organisation.octets)
        with suppress(TrustError):
            trust.take(before)
        try:
            return str(trust.specialist(STOLEN.identity, START).name)
        except TrustError as error:
            return error.reason

    assert attack(Trust) == "key-revoked"
    (tmp_path / "directory").unlink()
    believing = weakened("protocol.directory", ("if directory.position < before.position:", "if False:"))
    assert attack(weakened("kiosk.secure.directory", wire=believing).Trust) == "Dr Zoë Févre"


def test_two_directories_of_one_number(tmp_path: Path) -> None:
    """Attack: the station shows each end another directory of the same number. Success: the second one is taken."""
    town = Town(tmp_path)
    first = town.organisation.octets
    town.enlist()
    (tmp_path / "org" / "directory").write_bytes(first)
    twin = Organisation(tmp_path / "org", town.organisation._key)
    twin.refresh(NOW + 1)

    def attack(trust_of: Any) -> str:
        trust = trust_of(tmp_path / "directory", town.organisation.pin)
        trust.take(town.organisation.octets)
        try:
            return str(trust.take(twin.octets))
        except TrustError as error:
            return error.reason

    assert attack(Trust) == "directory-forked"
    (tmp_path / "directory").unlink()
    believing = weakened("protocol.directory", ("if directory.position == before.position:", "if False:"))
    assert attack(weakened("kiosk.secure.directory", wire=believing).Trust) == "True"


# receipts, and what the booth's screen and record say


def at_the_desk(folder: Path) -> Desk:
    """A booth that waits for a specialist."""
    desk = Desk(folder)
    desk.booth.station_up()
    desk.to_consented()
    desk.tap(screen.Wait())
    return desk


@dataclass
class DeskScene:
    """A page and a hostile station before a whole booth."""

    desk: Desk
    hostile: HostileStation
    keys: SpecialistKeys = field(default_factory=SpecialistKeys)

    def __post_init__(self) -> None:
        self.out: list[tuple[int, bytes]] = []
        self.desk.ports.relay = lambda kind, body: self.out.append((kind, body))  # type: ignore[method-assign]
        self.page = SpecialistHandshake(self.keys, "c0ffee00-0000", PRINTS)
        self.desk.booth.from_station(station.Joined("c0ffee00-0000", "Dr Essai", ()))
        self.desk.booth.from_call(engine.Prepared(PRINTS))

    def to_booth(self, kind: int, body: bytes) -> None:
        for frame in self.hostile.to_booth(kind, body):
            self.desk.booth.relayed(*frame)

    def shake(self) -> None:
        self.to_booth(HANDSHAKE, self.page.hello)
        for _ in range(2):
            out, self.out = self.out, []
            for kind, body in out:
                reveal = self.page.receive(body) if kind == HANDSHAKE else None
                if reveal is not None:
                    self.to_booth(HANDSHAKE, reveal)


def incidents(desk: Desk) -> list[str]:
    return [str(entry["data"]["reason"]) for entry in desk.booth._case.record.entries if entry["kind"] == "incident"]


def says(desk: Desk, key: str) -> None:
    """The key is on the screen with words in both languages, and an incident in the act record that is signed at the end."""
    desk.booth.tick()
    assert key in desk.view.notices
    assert all(said("fr", key))
    assert all(said("en", key))
    assert key in incidents(desk)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"ephemeral": b64encode(bytes(range(32))).decode()}, "bad-signature"),
        ({"fingerprints": list(MEDIA)}, "bad-signature"),
        ({"version": 0}, "bad-version"),
        ({"consultation": "another"}, "other-consultation"),
        ({"commitment": b64encode(bytes(32)).decode()}, "bad-commitment"),
        ({"code": "typed"}, "code-unknown"),
        ({"identity": ""}, "bad-length"),
        ({"name": "x" * 500}, "bad-message"),
    ],
)
def test_an_attacked_handshake_is_said_and_recorded(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    scene = DeskScene(at_the_desk(tmp_path), Rewrites(for_booth={"hello-specialist": change}))
    scene.shake()
    says(scene.desk, reason)
    assert scene.desk.view.call.authentication is None


def test_a_handshake_that_is_held_back_is_said_and_recorded(tmp_path: Path) -> None:
    scene = DeskScene(at_the_desk(tmp_path), HostileStation())
    scene.to_booth(HANDSHAKE, scene.page.hello)
    scene.desk.booth.from_station(station.Left("c0ffee00-0000"))
    says(scene.desk, "handshake-cut")
    assert scene.desk.view.stage == "waiting"


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        (lambda frames: [_bent(frames[0])], "message-altered"),
        (lambda frames: [frames[0], frames[0]], "message-altered"),
        (lambda frames: frames[::-1], "message-altered"),
        (lambda frames: frames[1:], "message-altered"),
        (lambda frames: [frames[0][:10]], "message-altered"),
    ],
    ids=["alter", "replay", "reorder", "drop", "truncate"],
)
def test_an_attacked_stream_is_said_and_recorded(tmp_path: Path, how: Callable[[list[bytes]], list[bytes]], reason: str) -> None:
    scene = DeskScene(at_the_desk(tmp_path), Meddles(how=how))
    scene.shake()
    assert scene.page.sealer is not None
    for text in ("un", "deux"):
        scene.to_booth(SEALED, scene.page.sealer.seal(specialist.from_specialist.encode(specialist.Text(text, 1))))
    assert isinstance(scene.hostile, Meddles)
    for frame in scene.hostile.release():
        scene.desk.booth.relayed(*frame)
    says(scene.desk, reason)


def test_a_cut_is_said_and_recorded(tmp_path: Path) -> None:
    scene = DeskScene(at_the_desk(tmp_path), HostileStation())
    scene.shake()
    scene.desk.booth.from_station(station.Left("c0ffee00-0000"))
    assert "stream-cut" in incidents(scene.desk)


def test_receipts_that_the_station_makes_up(tmp_path: Path) -> None:
    """Attack: the station says that the specialist has seen a result. Success: the screen says "seen"."""
    scene = DeskScene(at_the_desk(tmp_path), HostileStation())
    result = scene.desk.measure()
    scene.shake()
    scene.desk.tap(screen.Confirm(result, accepted=True))
    scene.desk.booth.from_station(station.Deposited(result))
    scene.desk.booth.from_station(forged_receipt(result, 1_700_000_000_000))
    says(scene.desk, "forged-receipt")
    assert [kept.state for kept in scene.desk.view.kept] == ["sent"]
    scene.desk.booth.from_station(scene.keys.receipt("another", 1))  # a true receipt, of something else
    stolen = station.Receipt(result, 2, scene.keys.receipt("another", 2).signature)
    scene.desk.booth.from_station(stolen)
    assert [kept.state for kept in scene.desk.wait(1).kept] == ["sent"]
    scene.desk.booth.from_station(scene.keys.receipt(result, 3))
    assert [kept.state for kept in scene.desk.wait(1).kept] == ["seen"]


def test_without_the_check_a_made_up_receipt_would_count(tmp_path: Path) -> None:
    """The positive control of the attack above."""
    from kiosk.secure.outbox import Item, Outbox

    outbox = Outbox(tmp_path / "outbox.db")
    outbox.put(Item("e1", "c1", SpecialistKeys().identity, 1, b"sealed", None))
    seen: list[str] = []

    class Tells:
        def sent(self, envelope_id: str) -> None: ...

        def seen(self, envelope_id: str, _: int) -> None:
            seen.append(envelope_id)

        def forged(self, envelope_id: str) -> None: ...

    trusting = weakened(
        "kiosk.post", ("or not verify(item.recipient, receipt_statement(message.id, message.at), message.signature)", "or False")
    )
    trusting.Post(KEYS, outbox, lambda _: None, Tells()).receipt(forged_receipt("e1", 1))
    assert seen == ["e1"]


def test_a_doctor_s_code_at_the_booth(tmp_path: Path) -> None:
    """Typed at the booth, the code goes to the station without its secret digits, and nobody without it is let in."""
    desk = at_the_desk(tmp_path)
    desk.booth._specialist.by_code("48213 907 264")
    rooms = [message for message in desk.ports.posted if isinstance(message, station.OpenRoom)]
    assert rooms[-1].code == "48213"
    assert b"907264" not in b"".join(station.from_booth.encode(message) for message in desk.ports.posted)
    scene = DeskScene(desk, HostileStation())
    scene.shake()
    says(desk, "code-missing")
    guest = codes.link("48213")
    with pytest.raises(codes.CodeError):
        desk.booth._specialist.by_code(guest.text)

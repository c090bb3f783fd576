"""A guest at the desk, and a doctor's code: who comes in, what each is told, what is recorded. No sockets. Needs F004-31, F002-10, F000-16, F004-19."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kiosk.booth.guest import AWAY
from kiosk.links.scanner import DoctorCode, judge
from kiosk.secure import codes
from kiosk.secure.codes import Code
from protocol import screen, specialist, station
from protocol.station import GUEST, HANDSHAKE, SEALED
from simulators.specialist import SpecialistHandshake, SpecialistKeys
from tests.kiosk.booth_rig import Desk
from tests.kiosk.specialist_rig import Doctor

if TYPE_CHECKING:
    from pathlib import Path

ROOM = "c0ffee00-0000"
NAME = "Dr Anne ROY"


class Visitor:
    """A guest's page over the desk's own ports; what is for the specialist goes on to the doctor."""

    def __init__(self, desk: Desk, code: Code | None, keys: SpecialistKeys | None = None) -> None:
        self.desk, self.keys = desk, keys or SpecialistKeys()
        self.heard: list[specialist.FromBooth] = []
        self.shaking = SpecialistHandshake(self.keys, ROOM, name=NAME, code=code)
        self._doctor = desk.ports.specialist
        desk.ports.specialist = self._hear
        desk.booth.from_station(station.Joined(ROOM, NAME, (), guest=True))
        desk.booth.relayed(HANDSHAKE | GUEST, self.shaking.hello)
        if self.shaking.sealer is not None:
            self.say(specialist.Resume(log="visitor", of="", received=0))
        desk.booth.tick()

    def say(self, message: specialist.FromSpecialist, *, final: bool = False) -> None:
        assert self.shaking.sealer is not None
        sealed = self.shaking.sealer.seal(specialist.from_specialist.encode(message), final=final)
        self.desk.booth.relayed(SEALED | GUEST, sealed)
        self.desk.booth.tick()

    def _hear(self, kind: int, body: bytes) -> None:
        if not kind & GUEST:
            if self._doctor is not None:
                self._doctor(kind, body)
        elif kind & ~GUEST == HANDSHAKE:
            reply = self.shaking.receive(body)
            if reply is not None:
                self.desk.booth.relayed(HANDSHAKE | GUEST, reply)
        elif kind & ~GUEST == SEALED:
            assert self.shaking.opener is not None
            self.heard.append(specialist.from_booth.decode(self.shaking.opener.open(body)))

    def told(self, kind: type[specialist.FromBooth]) -> list[specialist.FromBooth]:
        return [message for message in self.heard if isinstance(message, kind)]


def in_call(folder: Path) -> tuple[Desk, Doctor]:
    desk = Desk(folder)
    desk.to_consented()
    desk.tap(screen.Wait())
    doctor = Doctor(desk)
    doctor.join()
    return desk, doctor


def news(doctor: Doctor) -> specialist.Guest:
    return next(message for message in reversed(doctor.heard) if isinstance(message, specialist.Guest))


def invited(desk: Desk, doctor: Doctor) -> tuple[Code, Code]:
    """The patient agrees, the station gives a place: link and digits as the doctor gets them."""
    doctor.say(specialist.InviteGuest())
    desk.tap(screen.Guest(agreed=True))
    desk.booth.from_station(station.Invited(ROOM, "48213", 1_800_000))
    desk.booth.tick()
    given = news(doctor)
    assert (given.state, given.expires) == ("invited", 1_800_000)
    return codes.read(given.link), codes.read(given.digits)


def written(desk: Desk, kind: str) -> list[dict[str, object]]:
    return [entry["data"] for entry in desk.booth._case.record.entries if entry["kind"] == kind]


def posted(desk: Desk, kind: type[station.FromBooth]) -> int:
    return sum(isinstance(message, kind) for message in desk.ports.posted)


def test_nobody_is_invited_before_the_patient_has_agreed(tmp_path: Path) -> None:
    desk, doctor = in_call(tmp_path)
    doctor.say(specialist.InviteGuest())
    assert desk.view.visit == screen.Visit("asked")
    assert news(doctor).state == "asked"
    assert posted(desk, station.Invite) == 0
    assert desk.tap(screen.Guest(agreed=False)).visit is None
    assert news(doctor).state == "refused"
    assert written(desk, "consent")[-1] == {"subject": "guest", "given": False, "information": "1"}
    assert posted(desk, station.Invite) == 0


def test_the_secret_parts_of_an_invitation_never_reach_the_station(tmp_path: Path) -> None:
    desk, doctor = in_call(tmp_path)
    link, digits = invited(desk, doctor)
    sent = b"".join(station.from_booth.encode(message) for message in desk.ports.posted)
    for secret in (link.secret, digits.secret, link.text.split(".")[-1].encode()):
        assert secret not in sent
    assert "48213" in str(written(desk, "guest-invited"))
    assert digits.secret.decode() not in str(desk.booth._case.record.entries)


@pytest.mark.parametrize("form", [0, 1])
def test_a_guest_reads_and_writes_and_is_recorded(tmp_path: Path, form: int) -> None:
    desk, doctor = in_call(tmp_path)
    desk.measure()
    guest = Visitor(desk, invited(desk, doctor)[form])
    view = desk.view
    assert (view.visit, "guest" in view.present, view.notices[0]) == (screen.Visit("here", NAME), True, "guest-joined")
    assert (news(doctor).state, news(doctor).name) == ("here", NAME)
    assert "guest" in doctor.situation.present
    assert [message.settled for message in guest.told(specialist.Values) if isinstance(message, specialist.Values)] == [True]
    guest.say(specialist.Text("Bonjour", 1))
    doctor.say(specialist.Text("Merci", 2))
    desk.tap(screen.Say("Et moi"))
    assert [(line.author, line.text) for line in desk.view.texts] == [("guest", "Bonjour"), ("specialist", "Merci"), ("booth", "Et moi")]
    assert [(m.text, m.by) for m in guest.heard if isinstance(m, specialist.Text)] == [("Merci", "Dr Essai"), ("Et moi", "")]
    assert [(m.text, m.by) for m in doctor.heard if isinstance(m, specialist.Text)] == [("Bonjour", NAME), ("Et moi", "")]
    assert guest.told(specialist.Guest) == []
    guest.say(specialist.Leave(), final=True)
    assert (desk.view.visit, desk.view.stage, news(doctor).state) == (None, "in-call", "left")
    assert [entry["here"] for entry in written(desk, "present")] == [True, False]
    assert written(desk, "present")[0]["name"] == NAME


def test_a_guest_asks_for_nothing_and_ends_nothing(tmp_path: Path) -> None:
    """Whoever sends what only the specialist may is out, and the consultation goes on."""
    for number, message in enumerate(
        (specialist.Ask("spo2"), specialist.Report("x", "y"), specialist.BreakGlass("x"), specialist.InviteGuest())
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        desk, doctor = in_call(folder)
        guest = Visitor(desk, invited(desk, doctor)[0])
        guest.say(message)
        assert (desk.view.visit, desk.view.stage, news(doctor).state) == (None, "in-call", "failed")
        assert written(desk, "incident")[-1]["reason"] == "bad-message"
        assert written(desk, "report") == []


def test_three_wrong_codes_end_the_invitation_and_are_incidents(tmp_path: Path) -> None:
    desk, doctor = in_call(tmp_path)
    _, digits = invited(desk, doctor)
    for _ in range(3):
        guess = Visitor(desk, Code("48213", b"000000" if digits.secret != b"000000" else b"000001", "typed"))
        assert guess.shaking.declined == "code-wrong"
        assert "guest-refused" in desk.view.notices
    assert (desk.view.visit, news(doctor).state, news(doctor).reason) == (None, "failed", "code-tries")
    assert [entry["reason"] for entry in written(desk, "incident")] == ["code-wrong"] * 3
    assert posted(desk, station.CloseCode) == 1
    assert Visitor(desk, digits).heard == []
    assert posted(desk, station.DismissGuest) == 1


def test_a_used_invitation_lets_its_guest_back_in_and_nobody_else(tmp_path: Path) -> None:
    desk, doctor = in_call(tmp_path)
    link, _ = invited(desk, doctor)
    guest = Visitor(desk, link)
    desk.booth.from_station(station.Left(ROOM, guest=True))
    desk.booth.tick()
    assert (desk.view.visit, news(doctor).state) == (screen.Visit("away", NAME), "away")
    assert Visitor(desk, link).shaking.declined == "code-used"
    assert Visitor(desk, None).shaking.declined == "code-missing"
    Visitor(desk, None, guest.keys)
    assert desk.view.visit == screen.Visit("here", NAME)
    assert [entry["here"] for entry in written(desk, "present")] == [True, False, True]
    desk.booth.from_station(station.Left(ROOM, guest=True))
    assert desk.wait(AWAY + 1).visit is None
    assert news(doctor).state == "left"


def test_the_patient_and_the_specialist_can_end_it_at_any_time(tmp_path: Path) -> None:
    for number, end in enumerate(("patient", "specialist")):
        folder = tmp_path / str(number)
        folder.mkdir()
        desk, doctor = in_call(folder)
        guest = Visitor(desk, invited(desk, doctor)[0])
        if end == "patient":
            desk.tap(screen.Guest(agreed=False))
        else:
            doctor.say(specialist.DismissGuest())
        desk.booth.tick()
        assert (desk.view.visit, news(doctor).state) == (None, "dismissed")
        assert isinstance(guest.heard[-1], specialist.Ended)
        assert guest.shaking.opener is not None
        assert guest.shaking.opener.ended
        assert posted(desk, station.DismissGuest) == 1
        before = len(guest.heard)
        desk.measure()
        assert len(guest.heard) == before, "nothing more is told"


def test_the_end_of_the_consultation_ends_the_guest_s_line_too(tmp_path: Path) -> None:
    desk, doctor = in_call(tmp_path)
    guest = Visitor(desk, invited(desk, doctor)[0])
    desk.tap(screen.End())
    assert isinstance(guest.heard[-1], specialist.Ended)
    assert desk.view.visit is None


def test_what_is_said_of_a_code_is_said_with_the_way_out(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.to_consented()
    assert desk.tap(screen.DoctorCode("12")).notices == ("code-malformed",)
    assert desk.view.stage == "consented"
    assert desk.tap(screen.DoctorCode("48213 907 264")).notices == ("code-later",)
    desk.booth.station_up()
    assert [m.code for m in desk.ports.posted if isinstance(m, station.OpenRoom)] == ["48213"] * 2
    assert desk.wait(0).code == "waiting"
    for reason in ("code-unknown", "code-expired", "code-used", "code-rate"):
        desk.tap(screen.DoctorCode("48213 907 264"))
        desk.booth.from_station(station.Refused(reason, ""))
        view = desk.wait(0)
        assert (view.notices, view.code, view.stage) == ((reason,), "refused", "waiting")
    view = desk.tap(screen.NoCode())
    assert (view.code, view.notices) == ("", ())
    assert [m.code for m in desk.ports.posted if isinstance(m, station.OpenRoom)][-1] == ""


def test_the_same_code_typed_again_has_no_new_tries(tmp_path: Path) -> None:
    """Who makes people retype a code does not get three guesses more each time."""
    desk = Desk(tmp_path)
    desk.to_consented()
    for number in range(5):
        desk.tap(screen.DoctorCode("48213 907 264"))
        desk.booth.from_station(station.Joined(ROOM, "Dr X", ()))
        shaking = SpecialistHandshake(SpecialistKeys(), ROOM, code=Code("48213", b"000000", "typed"))
        desk.ports.specialist = lambda kind, body, shaking=shaking: _answer(desk, shaking, kind, body)  # type: ignore[misc]
        desk.booth._case.line.prepared(())  # type: ignore[union-attr]
        desk.booth.relayed(HANDSHAKE, shaking.hello)
        assert shaking.declined == ("code-wrong" if number < codes.TRIES else "code-tries")


def _answer(desk: Desk, shaking: SpecialistHandshake, kind: int, body: bytes) -> None:
    reply = shaking.receive(body) if kind == HANDSHAKE else None
    if reply is not None:
        desk.booth.relayed(HANDSHAKE, reply)


def test_a_code_is_scanned_as_the_page_draws_it(tmp_path: Path) -> None:
    assert judge(b"48213 907 264") == judge(b"48213907264").__class__("48213 907 264")
    assert not isinstance(judge(b"3400930000120"), DoctorCode), "a medicine's bar code is none"
    assert "907" not in repr(judge(b"48213907264"))
    desk = Desk(tmp_path)
    desk.booth.from_identity(DoctorCode("48213 907 264"))
    assert desk.wait(0).notices == ("not-now",)
    desk.to_consented()
    desk.booth.from_identity(DoctorCode("48213 907 264"))
    assert (desk.wait(0).stage, desk.view.code) == ("waiting", "waiting")

"""The booth at its desk with an organisation: who may come in, who must go, what the screen and the record say. Needs F000-44, F004-25."""

import json
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from kiosk.secure import organisation
from kiosk.secure.organisation import DAY, Cost, Organisation
from protocol import engine, handshake, screen, station
from protocol import specialist as said
from protocol.enrolment import Request
from simulators.specialist import SpecialistHandshake, SpecialistKeys
from tests.kiosk.booth_rig import KEYS as KEYS_OF_BOOTH
from tests.kiosk.booth_rig import START, Desk

NOW = int(START.timestamp() * 1000)
KEYS = SpecialistKeys(lambda size: b"s" * size)


class Town:
    """An organisation, a booth that belongs to it, and a specialist at its door."""

    def __init__(self, folder: Path) -> None:
        passphrase = "agrafe cheval pile"
        self.organisation: Organisation = organisation.create(folder / "org", passphrase, passphrase, NOW - DAY, Cost(1, 8192))
        (folder / "booth").mkdir(mode=0o700)
        self.desk = Desk(folder / "booth", organisation=str(self.organisation.pin))

    def enlist(self, keys: SpecialistKeys = KEYS, *, lasts: int = DAY) -> None:
        request = Request("specialist", "Dr Zoë Févre", keys.identity, bytes(keys.sealing.public_key))
        self.organisation.enrol(request.entry("", NOW - DAY, NOW + lasts), NOW)

    def publish(self, octets: bytes | None = None) -> screen.View:
        self.desk.booth.from_station(station.KeyDirectory(octets or self.organisation.octets))
        return self.desk.tap()

    def wait(self) -> None:
        self.desk.to_consented()
        self.desk.tap(screen.Wait())

    def join(self, keys: SpecialistKeys = KEYS, prekey: handshake.Prekey | None = None) -> tuple[SpecialistHandshake, handshake.Handshake]:
        """Until the booth's last word of the handshake."""
        booth, ports = self.desk.booth, self.desk.ports
        booth.from_station(station.Joined("c0ffee00-0000", "who the station says", ()))
        booth.from_call(engine.Prepared(()))
        page = SpecialistHandshake(keys, "c0ffee00-0000", name="Dr Faux", prekey=prekey)
        booth.relayed(station.HANDSHAKE, page.hello)
        reveal = page.receive(ports.relayed[-1][1])
        assert reveal is not None
        before = len(ports.relayed)
        booth.relayed(station.HANDSHAKE, reveal)
        kind, body = ports.relayed[before]
        assert kind == station.HANDSHAKE
        self.desk.tap()
        return page, handshake.handshake.decode(body)

    def incidents(self) -> list[str]:
        """As they stand in the act record, which the end makes."""
        entries = json.loads(self.desk.booth._case.record.close(KEYS_OF_BOOTH))["entries"]
        return [entry["data"]["reason"] for entry in entries if entry["kind"] == "incident"]


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def test_a_specialist_of_the_directory_comes_in_under_the_name_that_was_signed(town: Town) -> None:
    town.enlist()
    town.wait()
    town.publish()
    _, answer = town.join()
    assert isinstance(answer, handshake.Agreed)
    view = town.desk.view
    assert (view.stage, view.call.specialist) == ("in-call", "Dr Zoë Févre")
    assert "no-organisation" not in view.notices


@pytest.mark.parametrize("why", ["directory-missing", "key-not-listed", "key-revoked", "key-expired", "key-differs", "directory-expired"])
def test_who_is_not_in_order_stays_outside_and_both_ends_say_why(town: Town, why: str) -> None:
    keys = KEYS
    if why not in ("key-not-listed", "directory-missing"):
        town.enlist(lasts=0 if why == "key-expired" else 200 * DAY)
    if why == "key-revoked":
        town.organisation.revoke("Dr Zoë Févre", "stolen", NOW)
    if why == "key-differs":
        keys = SpecialistKeys(lambda size: b"s" * size)
        keys.sealing = SpecialistKeys().sealing
    if why == "directory-expired":
        town.desk.clock.seconds = 100 * 86_400
    town.wait()
    if why != "directory-missing":
        town.publish()
    _, answer = town.join(keys)
    assert answer == handshake.Declined(why)
    assert town.desk.view.stage == "waiting"
    assert town.desk.view.notices == (why,)
    assert town.incidents() == [why]
    assert not [kind for kind, _ in town.desk.ports.relayed if kind == station.SEALED]


def test_who_is_revoked_during_the_consultation_must_go(town: Town) -> None:
    town.enlist()
    town.wait()
    town.publish()
    page, _ = town.join()
    town.organisation.revoke("Dr Zoë Févre", "stolen", NOW)
    view = town.publish()
    assert view.stage == "waiting"
    assert view.notices == ("key-revoked",)
    assert "key-revoked" in town.incidents()
    assert engine.Hangup() in town.desk.ports.called
    sent = len(town.desk.ports.relayed)
    assert page.sealer is not None
    town.desk.booth.relayed(station.SEALED, page.sealer.seal(said.from_specialist.encode(said.Text("encore là", 1))))
    assert not town.desk.tap().texts
    assert len(town.desk.ports.relayed) == sent


def test_nothing_more_is_sealed_for_a_key_that_was_taken_back(town: Town) -> None:
    town.enlist()
    town.wait()
    town.publish()
    town.join()
    result = town.desk.measure()
    town.organisation.revoke("Dr Zoë Févre", "stolen", NOW)
    town.publish()
    view = town.desk.tap(screen.Confirm(result, accepted=True))
    assert view.kept[0].state == "pending"
    assert town.desk.storage.outbox.waiting() == []
    town.desk.tap(screen.End())
    assert town.desk.storage.outbox.waiting() == []


@pytest.mark.parametrize("why", ["directory-old", "directory-forked", "directory-signature", "directory-malformed"])
def test_a_station_that_serves_another_directory_is_found_out(town: Town, why: str) -> None:
    """Serves an old directory, two of one number, one of its own: said on the screen, written down once, and the true one stays in force."""
    old = town.organisation.octets
    town.enlist()
    town.wait()
    town.publish()
    before, position = town.organisation.octets, town.desk.booth.directory
    wrong = {"directory-old": old, "directory-malformed": b"x" * 100}.get(why)
    if why == "directory-forked":
        (town.organisation._folder / "directory").write_bytes(old)
        twin = Organisation(town.organisation._folder, town.organisation._key)
        twin.refresh(NOW + 1)
        wrong = twin.octets
    if why == "directory-signature":
        wrong = organisation.signed(town.organisation.directory, SigningKey(b"x" * 32))
    for _ in range(3):
        view = town.publish(wrong)
    assert view.notices == (why,)
    assert town.incidents() == [why]
    assert town.desk.booth.directory == position
    assert isinstance(town.join()[1], handshake.Agreed)
    assert town.desk.restart().booth.directory == position
    assert before


def test_without_an_organisation_the_screen_says_that_nobody_vouches(tmp_path: Path) -> None:
    town = Town(tmp_path)
    (tmp_path / "alone").mkdir()
    town.desk = Desk(tmp_path / "alone")
    town.wait()
    town.publish()
    _, answer = town.join()
    assert isinstance(answer, handshake.Agreed)
    assert town.desk.view.notices == ("no-organisation",)
    assert town.desk.tap(screen.Identical(same=True)).notices == ()
    assert town.desk.booth.directory == (0, 0)

"""The specialist's page with an organisation: enrolled, checked, revoked, and what a station that cheats with directories achieves."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from kiosk.secure import organisation
from kiosk.secure.keys import verify
from kiosk.secure.organisation import DAY, Cost, Organisation
from protocol import enrolment as requests
from protocol.enrolment import Request
from protocol.station import KeyDirectory
from station import enrolment, key_directory
from tests.station.booth_peer import BoothPeer, situation
from tests.station.browser import Specialist
from tests.station.running import RunningStation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def station(tmp_path: Path) -> AsyncIterator[RunningStation]:
    async with RunningStation(tmp_path / "station.sqlite") as running:
        yield running


class Office:
    """The organisation and its administrator at the station."""

    def __init__(self, folder: Path, station: RunningStation) -> None:
        words = "agrafe cheval pile"
        self.station = station
        self.organisation: Organisation = organisation.create(folder, words, words, station.now(), Cost(1, 8192))
        self.publish()

    def publish(self, octets: bytes | None = None) -> None:
        given = octets or self.organisation.octets
        self.station.work(lambda database: key_directory.publish(database, given, self.station.now()))

    def cheat(self, octets: bytes) -> None:
        """The station serves whatever it likes."""
        self.station.work(lambda database: database.execute("update directory set octets = ?", (octets,)))

    def link(self) -> str:
        return f"{self.station.link()}~{self.organisation.pin}"

    def enlist_booth(self, name: str = "Pharmacie du Pont") -> None:
        keys = self.station.booth_keys
        self._enrol(Request("booth", name, keys.public, keys.sealing))

    def waiting(self) -> list[tuple[str, str, Request]]:
        found: list[tuple[str, str, Request]] = self.station.work(lambda database: enrolment.waiting(database, self.station.now()))
        return found

    async def asked(self) -> None:
        """Until the station has the demand that the page says it has sent."""
        async with asyncio.timeout(15):
            while not self.waiting():  # noqa: ASYNC110 - a row of a database tells nobody
                await asyncio.sleep(0.02)

    async def admit(self) -> Request:
        """Approve and sign the one that asks."""
        await self.asked()
        [(code, _, _)] = self.waiting()
        text = self.station.work(lambda database: enrolment.decide(database, code, self.station.now(), approved=True))
        request = requests.decode(text, verify)
        self._enrol(request)
        return request

    def _enrol(self, request: Request) -> None:
        now = self.station.now()
        self.organisation.enrol(request.entry("", now - DAY, now + DAY), now)
        self.publish()


@pytest.fixture
def office(tmp_path: Path, station: RunningStation) -> Office:
    return Office(tmp_path / "org", station)


async def listed(browser: Browser, office: Office) -> Specialist:
    """A specialist in the waiting room, listed in the directory."""
    specialist = await Specialist.open(browser, office.link())
    await specialist.sees("La demande est envoyée")
    await office.admit()
    await specialist.sees("Salle d’attente")
    return specialist


async def test_a_new_browser_shows_its_fingerprint_and_goes_on_once_the_organisation_has_signed(browser: Browser, office: Office) -> None:
    specialist = await Specialist.open(browser, office.link())
    await specialist.sees("La demande est envoyée")
    await office.asked()
    [(_, state, request)] = office.waiting()
    assert (state, request.kind, request.name) == ("pending", "specialist", "Dr Claire BERNARD")
    await specialist.sees(request.fingerprint)
    await expect(specialist.page.get_by_text("Salle d’attente")).to_have_count(0)
    await office.admit()
    await specialist.sees("Salle d’attente")
    assert not specialist.errors


async def test_a_booth_is_checked_against_the_directory_and_named_as_it_says(
    browser: Browser, station: RunningStation, office: Office
) -> None:
    async with BoothPeer(station.origin, station.booth_keys) as booth:
        await booth.open_room()
        specialist = await listed(browser, office)
        await specialist.enter()
        await specialist.sees("Cette cabine n’est pas dans l’annuaire de votre organisation.")
        await specialist.phase("fault")
        await specialist.press("Retour à la salle d’attente")
        office.enlist_booth()
        # the station gives everybody the new directory at once, some time after it was published
        await booth.until(lambda: KeyDirectory(office.organisation.octets) in booth.messages)
        await specialist.enter()
        await specialist.phase("open")
        await booth.until(lambda: booth.agreement)
        await booth.say(situation())
        await expect(specialist.page.locator(".room-head")).to_contain_text("Pharmacie du Pont")
        await expect(specialist.page.locator(".notice.alone")).to_have_count(0)


async def test_a_booth_that_is_revoked_during_the_consultation_is_left(browser: Browser, station: RunningStation, office: Office) -> None:
    async with BoothPeer(station.origin, station.booth_keys) as booth:
        await booth.open_room()
        office.enlist_booth()
        specialist = await listed(browser, office)
        await specialist.enter()
        await specialist.phase("open")
        office.organisation.revoke("Pharmacie du Pont", "stolen", station.now())
        office.publish()
        await specialist.sees("La clé de cette cabine a été révoquée par votre organisation.")
        await specialist.phase("fault")


async def test_an_old_directory_is_refused_also_after_the_page_was_closed(
    browser: Browser, station: RunningStation, office: Office
) -> None:
    """Serves an old directory: the page remembers the highest number that it has seen."""
    old = office.organisation.octets
    specialist = await listed(browser, office)
    office.cheat(old)
    await specialist.sees("Le serveur a donné un ancien annuaire")
    again = Specialist(await specialist.page.context.new_page())
    await again.page.goto(station.link())
    await again.sees("Le serveur a donné un ancien annuaire")
    await again.sees("Salle d’attente")  # its own entry stands in the directory that it keeps
    await specialist.page.context.close()


async def test_a_station_cannot_give_another_organisation_for_the_first_one(
    browser: Browser, station: RunningStation, office: Office, tmp_path: Path
) -> None:
    specialist = await listed(browser, office)
    words = "agrafe cheval pile"
    other = organisation.create(tmp_path / "other", words, words, station.now(), Cost(1, 8192))
    office.cheat(other.octets)
    await specialist.sees("est d’une autre organisation")
    link = Specialist(await specialist.page.context.new_page())
    await link.page.goto(f"{station.link()}~{other.pin}")
    await link.sees("est d’une autre organisation")


async def test_a_revoked_browser_is_told_so(browser: Browser, station: RunningStation, office: Office) -> None:
    specialist = await listed(browser, office)
    office.organisation.revoke("Dr Claire BERNARD", "left", station.now())
    office.publish()
    await specialist.sees("La clé de ce navigateur a été révoquée par votre organisation.")


async def test_a_forged_directory_is_refused_and_the_true_one_stays(browser: Browser, office: Office) -> None:
    specialist = await listed(browser, office)
    forged = bytearray(office.organisation.octets)
    forged[-1] ^= 1
    office.cheat(bytes(forged))
    await specialist.sees("un annuaire que votre organisation n’a pas signé")
    await specialist.sees("Salle d’attente")


async def test_without_an_organisation_the_page_says_that_nobody_vouches(browser: Browser, station: RunningStation) -> None:
    async with BoothPeer(station.origin, station.booth_keys) as booth:
        await booth.open_room()
        specialist = await Specialist.open(browser, station.link())
        await specialist.enter()
        await specialist.phase("open")
        await specialist.sees("Sans organisation")
        await specialist.press("Identique")
        await expect(specialist.page.locator(".notice.alone")).to_have_count(0)


async def test_a_lost_browser_s_key_comes_back_with_the_passkey_and_with_nothing_else(browser: Browser, tmp_path: Path) -> None:
    """Chromium's virtual authenticator with PRF. The name is localhost, since a passkey belongs to a name and not to an address."""
    async with RunningStation(tmp_path / "station.sqlite", host="localhost") as station:
        office = Office(tmp_path / "org", station)
        specialist = await Specialist.open(browser, office.link())
        page = specialist.page
        shown = page.locator(".fingerprint").first
        devtools = await page.context.new_cdp_session(page)
        await devtools.send("WebAuthn.enable")
        options = {"protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True, "hasPrf": True}  # fmt: skip
        await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        await specialist.sees("La demande est envoyée")
        fingerprint = await shown.inner_text()
        async with page.expect_download() as waiting:
            await specialist.press("Enregistrer une copie scellée")
        await (await waiting.value).save_as(tmp_path / "copy.bin")
        await specialist.sees("Copie enregistrée.")
        copy = (tmp_path / "copy.bin").read_bytes()
        assert copy[:4] == b"TCB1"

        # the computer is lost: nothing is left in the browser but the passkey, which its owner carries
        wipe = "new Promise((done) => { sessionStorage.clear(); indexedDB.deleteDatabase('telecabine').onsuccess = done; })"
        await page.evaluate(wipe)
        await page.goto("about:blank")
        await page.goto(office.link())
        await specialist.sees("La demande est envoyée")
        assert await shown.inner_text() != fingerprint
        (tmp_path / "altered.bin").write_bytes(copy[:-1] + bytes((copy[-1] ^ 1,)))
        await page.set_input_files("#copy", tmp_path / "altered.bin")
        await specialist.sees("Ce fichier n’est pas une copie que cette clé d’accès ouvre.")
        await page.set_input_files("#copy", tmp_path / "copy.bin")
        await specialist.sees("Clé reprise.")
        await page.evaluate("sessionStorage.clear()")
        await page.goto("about:blank")
        await page.goto(office.link())
        await specialist.sees("La demande est envoyée")
        assert await shown.inner_text() == fingerprint
        await expect(page.locator(".back-up")).to_have_count(0)  # a key that was not born here cannot be copied again
        assert not specialist.errors

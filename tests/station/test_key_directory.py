"""What the station does with the organisation's directory: it checks, keeps and serves it, and turns away who was revoked."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from nacl.signing import SigningKey

from kiosk.secure import organisation
from kiosk.secure.keys import BoothKeys
from kiosk.secure.organisation import DAY, Cost, Organisation
from protocol import station as st
from protocol.directory import DirectoryError
from protocol.enrolment import Request
from station import key_directory
from tests.station.booth_peer import BoothPeer
from tests.station.running import PagePeer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.station.running import RunningStation

WORDS = "agrafe cheval pile"
BOOTH = BoothKeys(b"n" * 32)


@pytest.fixture
def office(tmp_path: Path, station: RunningStation) -> Organisation:
    return organisation.create(tmp_path / "org", WORDS, WORDS, station.now(), Cost(1, 8192))


def enlist(office: Organisation, station: RunningStation, request: Request) -> None:
    office.enrol(request.entry("", station.now() - DAY, station.now() + DAY), station.now())
    publish(office.octets, station)


def publish(octets: bytes, station: RunningStation) -> None:
    station.work(lambda database: key_directory.publish(database, octets, station.now()))


async def test_listing_a_booth_lets_it_sign_in_and_revoking_it_ends_that_at_once(station: RunningStation, office: Organisation) -> None:
    enlist(office, station, Request("booth", "Pharmacie du Pont", BOOTH.public, BOOTH.sealing))
    async with BoothPeer(station.origin, BOOTH) as booth:
        assert await booth.sign_in() == st.SignedIn("Pharmacie du Pont", "")
        assert await booth.next() == st.KeyDirectory(office.octets)
        office.revoke("Pharmacie du Pont", "stolen", station.now())
        publish(office.octets, station)
        assert await booth.next() == st.KeyDirectory(office.octets)
        assert await booth.next() == st.Refused("key-revoked", "")
    async with BoothPeer(station.origin, BOOTH) as again:
        assert (await again.sign_in()).reason == "key-revoked"


async def test_a_revoked_specialist_is_turned_away_with_the_session_of_before(station: RunningStation, office: Organisation) -> None:
    async with PagePeer(station.origin) as page:
        enlist(office, station, Request("specialist", "Dr Claire BERNARD", page.key, bytes(32)))
        session = (await page.sign_in(station.token())).session
        office.revoke("Dr Claire BERNARD", "left", station.now())
        publish(office.octets, station)
        assert (await page.until(st.Refused)).reason == "key-revoked"
    for given in ({"session": session}, {"token": station.token()}):
        async with PagePeer(station.origin, page.signing) as again:
            assert (await again.sign_in(**given)).reason == "key-revoked"


@pytest.mark.parametrize("fault", ["older", "forged", "other", "twin", "garbage"])
async def test_a_directory_that_the_ends_would_refuse_is_not_served(
    station: RunningStation, office: Organisation, tmp_path: Path, fault: str
) -> None:
    old = office.octets
    office.refresh(station.now())
    publish(office.octets, station)
    other = organisation.create(tmp_path / "other", WORDS, WORDS, station.now(), Cost(1, 8192))
    (tmp_path / "org/directory").write_bytes(old)
    twin = Organisation(tmp_path / "org", office._key)
    twin.refresh(station.now() + 5)
    given = {
        "older": old,
        "forged": organisation.signed(office.directory, SigningKey(b"x" * 32)),
        "other": other.octets,
        "twin": twin.octets,
        "garbage": b"\0" * 50,
    }[fault]
    with pytest.raises(DirectoryError):
        publish(given, station)
    assert station.work(key_directory.newest) == office.octets


async def test_a_page_that_is_there_gets_a_new_directory_without_asking(station: RunningStation, office: Organisation) -> None:
    async with PagePeer(station.origin) as page:
        await page.sign_in(station.token())
        async with asyncio.timeout(10):
            publish(office.octets, station)
            assert await page.until(st.KeyDirectory) == st.KeyDirectory(office.octets)


async def test_the_administrator_sees_and_decides_on_the_command_line(
    station: RunningStation, office: Organisation, tmp_path: Path
) -> None:
    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "station.app", "--database", str(station.database), *arguments]
        return subprocess.run(line, capture_output=True, text=True, check=False)

    async with PagePeer(station.origin) as page:
        await page.sign_in(station.token())
        await page.send(st.Enrol("not a request"))
        assert (await page.until(st.Refused)).reason == "invalid_request"
        shown = await asyncio.to_thread(command, "publish", str(tmp_path / "org/directory"))
        assert shown.stdout == f"directory {office.directory.number} is served\n"
    assert (await asyncio.to_thread(command, "approve", "BBBB-BBBB")).returncode == 1
    (tmp_path / "garbage").write_bytes(b"x" * 40)
    refused = await asyncio.to_thread(command, "publish", str(tmp_path / "garbage"))
    assert (refused.returncode, refused.stderr) == (1, "telecabine-station: this is no directory: a field is cut short\n")

"""A hostile station against both codes in the page, in Chromium: refused and said; without the one check it gets in.

The station stands in the booth's place with a key of its own, in which no organisation is asked for: it knows everything that passes, and not the
code. Needs F004-31, F000-44, F004-25.
"""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import Browser, expect

from kiosk.secure import codes
from kiosk.secure.codes import Code, CodeGate
from protocol import station as st
from protocol.handshake import Agreed, handshake
from simulators.hostile_station import rewritten
from simulators.specialist import SpecialistHandshake, SpecialistKeys
from tests.malicious_station.place import SIGNATURE, blind, built, place, says
from tests.malicious_station.weakened import weakened
from tests.station.browser import Specialist
from tests.station.desk import LiveDesk
from tests.station.running import RunningStation
from tests.station.test_two_codes import come, in_call, invitation, present

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.station.booth_peer import BoothPeer

pytestmark = pytest.mark.asyncio(loop_scope="module")

#: file, the check, what stands there without it
CHECKS = {
    "confirmation": ("data/handshake.ts", 'if (secret !== null && !same(unbase64(agreed.confirmation ?? ""), confirmation("booth", keys.transcript, secret)))', "if (false as boolean)"),
    "signature": SIGNATURE,
    "limit": ("data/patient-codes.ts", "if (made.tries >= TRIES) this.close(made.code.place);", ""),
    "spent": ("data/patient-codes.ts", "made === undefined || made.tries >= TRIES ? null", "made === undefined ? null"),
    "shown": ("view/codes.ts", "made.tries >= TRIES ?", "(false as boolean) ?"),
    "bound": ("data/handshake.ts", 'lp("telecabine-confirm-v1", role, transcript)', 'lp("telecabine-confirm-v1", role, "")'),
    "key": ("data/visit.ts", 'if (room.proven !== "" && room.proven !== booth.identity)', "if (false as boolean)"),
}  # fmt: skip
NO_LIMIT = ("limit", "spent", "shown")
#: goes on although the page's proof is not that of its own guess
BLIND: Any = blind("confirmation")


def gate(code: Code) -> CodeGate:
    return CodeGate((code,), expires=900.0, now=lambda: 0.0)


@asynccontextmanager
async def scene(folder: Path, *without: str) -> AsyncIterator[tuple[RunningStation, BoothPeer]]:
    """A page without these checks, and somebody in a booth's place who does not look at the code."""
    async with place(folder, CHECKS, *without) as (station, booth):
        booth.shake, booth.resumes = BLIND, False
        yield station, booth


async def doctor_with_a_code(browser: Browser, station: RunningStation, booth: BoothPeer) -> tuple[Specialist, Code]:
    """The station says that a patient has come by the doctor's code."""
    doctor = await Specialist.open(browser, station.link(), camera=False)
    await doctor.press("Créer un code")
    code = codes.read(await doctor.page.locator(".patient-code .digits").inner_text())
    booth.gate = gate(Code(code.place, b"000000" if code.secret != b"000000" else b"000001", "typed"))
    await booth.open_room(code=code.place)
    return doctor, code


async def guest_of(browser: Browser, station: RunningStation, booth: BoothPeer, secret: bytes = b"s" * 16) -> Specialist:
    """Somebody opens a true invitation, whose secret the booth's place does not know."""
    if not booth.messages:
        await booth.open_room()
    invited = sum(isinstance(message, st.Invited) for message in booth.messages)
    await booth.send(st.Invite("c1"))
    invitation = await booth.until_told(st.Invited, invited + 1)
    link = Code(invitation.place, secret, "link").text
    guest = await Specialist.open(browser, f"{station.origin}/#{link}", camera=False)
    await guest.page.get_by_label("Votre nom et votre fonction").fill("Dr Anne ROY")
    await guest.press("Entrer dans la consultation")
    return guest


async def test_a_station_in_the_place_of_the_patient_s_booth(browser: Browser, tmp_path: Path) -> None:
    """Attack: keys, share and digits of the station's own (swap). Success: the doctor's page opens the line."""
    async with scene(tmp_path) as (station, booth):
        doctor, _ = await doctor_with_a_code(browser, station, booth)
        await doctor.enter()
        await says(doctor, "Le code tapé dans la cabine n’est pas celui-ci", "The code typed at the booth is not this one")
        await doctor.phase("fault")
    async with scene(tmp_path, "confirmation") as (station, booth):
        doctor, _ = await doctor_with_a_code(browser, station, booth)
        await doctor.enter()
        await doctor.phase("open")


async def test_the_booth_s_share_is_swapped_on_the_way(browser: Browser, tmp_path: Path) -> None:
    """Attack: the true booth knows the code, the station puts another share into its answer. Success: the page goes on with the station's."""
    share = a_share()
    for without in ((), ("signature", "confirmation")):
        async with scene(tmp_path, *without) as (station, booth):
            doctor, code = await doctor_with_a_code(browser, station, booth)
            booth.gate = gate(code)
            booth.shake = blind("confirmation", "signature")
            booth.mend = lambda body: rewritten(body, share=share) if b"hello-booth" in body else body
            await doctor.enter()
            if without:
                await doctor.phase("open")
            else:
                await doctor.sees("La signature de la cabine est fausse")


def a_share() -> str:
    """A well-formed CPace share of nobody's."""
    return str(json.loads(SpecialistHandshake(SpecialistKeys(), "c1", code=Code("48213", b"000001", "typed")).hello)["share"])


async def test_a_station_that_guesses_beyond_the_limit(browser: Browser, tmp_path: Path) -> None:
    """Attack: one guess each time that the doctor enters. Success: the fourth, which is right, opens the line."""
    for without in ((), NO_LIMIT):
        async with scene(tmp_path, *without) as (station, booth):
            doctor, code = await doctor_with_a_code(browser, station, booth)
            for _ in range(codes.TRIES):
                await doctor.enter()
                await doctor.phase("fault")
                await doctor.press("Retour à la salle d’attente")
            booth.gate = gate(code)
            if without:
                await doctor.enter()
                await doctor.phase("open")
            else:
                await doctor.sees("Ce code a été essayé trois fois")
                await expect(doctor.page.get_by_role("button", name="Entrer")).to_have_count(0)
                await doctor.page.reload()
                await doctor.sees("Ce code a été essayé trois fois")


async def test_a_station_in_the_place_of_the_guest_s_booth(browser: Browser, tmp_path: Path) -> None:
    """Attack: the guest is led to the station's own end, without the link's 128 bits. Success: the guest's page opens the line."""
    async with scene(tmp_path) as (station, booth):
        booth.gate = gate(Code("00000", b"w" * 16, "link"))
        guest = await guest_of(browser, station, booth)
        await says(guest, "Ce n’est pas le bon code", "This is not the right code")
    async with scene(tmp_path, "confirmation") as (station, booth):
        booth.gate = gate(Code("00000", b"w" * 16, "link"))
        await (await guest_of(browser, station, booth)).phase("open")


async def test_a_confirmation_that_is_replayed(browser: Browser, tmp_path: Path) -> None:
    """Attack: the true booth's proof of an earlier run, with the same link, repeated by who does not know it. Success: the line opens."""
    secret = b"s" * 16
    unbound = weakened(
        "kiosk.secure.transcript",
        ('fields(b"telecabine-confirm-v1", role.encode(), digest)', 'fields(b"telecabine-confirm-v1", role.encode(), b"")'),
    )
    for without in ((), ("bound",)):
        async with scene(tmp_path, *without) as (station, booth):
            seen: list[bytes] = []
            booth.gate = gate(Code("00000", secret, "link"))
            if without:
                booth.shake = blind("confirmation", transcript=unbound)
            booth.mend = lambda body, seen=seen: seen.append(body) or body  # type: ignore[func-returns-value]
            guest = await guest_of(browser, station, booth, secret)
            await guest.phase("open")
            agreed = handshake.decode(seen[-1])
            assert isinstance(agreed, Agreed)
            await guest.page.close()
            await booth.send(st.DismissGuest("c1"))
            booth.gate = gate(Code("00000", b"w" * 16, "link"))
            proof = json.loads(seen[-1])["confirmation"]
            booth.mend = lambda body, proof=proof: rewritten(body, confirmation=proof) if b'"agreed"' in body else body
            again = await guest_of(browser, station, booth, secret)
            if without:
                await again.phase("open")
            else:
                await again.sees("Ce n’est pas le bon code")


async def test_an_invitation_used_in_another_consultation(browser: Browser, tmp_path: Path) -> None:
    """Attack: the station leads a guest into a consultation that has another invitation. Success: the guest is in it, and in its record.

    Places are the station's: a link with the place of one consultation and the secret of another is what its reader sees of that.
    """
    lax = weakened("kiosk.booth.guest", SpecialistLine=weakened("kiosk.specialist_line", BoothHandshake=BLIND).SpecialistLine).Guest
    for name, checks, booth in (("whole", (), {}), ("lax", ("confirmation",), {"booth": weakened("kiosk.booth.desk", Guest=lax).Booth})):
        folder = tmp_path / name
        folder.mkdir()
        page = await built(folder, *(CHECKS[check] for check in checks))
        async with RunningStation(folder / "station.sqlite", **page) as station, LiveDesk(station, folder / "desk", **booth) as desk:
            desk.to_consented()
            doctor = await Specialist.open(browser, station.link(), camera=False)
            await in_call(desk, doctor)
            link, _ = await invitation(desk, doctor)
            guest = await come(browser, f"{station.origin}/#{codes.link(codes.read(link.split('#')[1]).place).text}")
            if booth:
                await desk.until(lambda _: present(desk))  # and out again: the secret is in the keys of the stream too
            else:
                await guest.sees("Ce n’est pas le bon code")
                await desk.until(lambda view: "guest-refused" in view.notices)
            assert present(desk)[:1] == ([True] if booth else [])

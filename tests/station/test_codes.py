"""Codes at the station, with real sockets: a doctor's code leads to that doctor only, an invitation to one consultation only. Needs F004-28."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from nacl.signing import SigningKey
from nacl.utils import random

from kiosk.secure import codes
from kiosk.secure.handshake import BoothHandshake
from kiosk.secure.keys import BoothKeys
from protocol import station as st
from simulators.specialist import SpecialistHandshake, SpecialistKeys
from station import directory
from station.codes import CODE_LASTS, GUESTS, INVITATION_LASTS, PER_OWNER, WINDOW, WRONG
from tests.station.booth_peer import BoothPeer
from tests.station.running import PagePeer, RunningStation

if TYPE_CHECKING:
    import pytest


async def code_of(page: PagePeer) -> st.CodeMade:
    await page.send(st.MakeCode())
    made = await page.until(st.CodeMade)
    assert isinstance(made, st.CodeMade)
    return made


async def guest(page: PagePeer, place: str, name: str = "Dr Invitée") -> Any:
    proof = page.signing.sign(st.guest_statement(page.origin, place, name, page.key)).signature
    await page.send(st.GuestSignIn(place, name, page.key, proof))
    return await page.next()


async def invited(station: RunningStation, booth: BoothPeer) -> st.Invited:
    await booth.sign_in()
    await booth.send(st.OpenRoom("c1", "A 12"))
    await booth.send(st.Invite("c1"))
    invitation = await booth.next()
    assert isinstance(invitation, st.Invited)
    assert invitation.expires - station.now() <= INVITATION_LASTS
    return invitation


def booth_of(station: RunningStation, keys: BoothKeys | None = None) -> BoothPeer:
    return BoothPeer(station.origin, keys or station.booth_keys)


async def listed(doctor: PagePeer) -> tuple[st.Entry, ...]:
    """The waiting room as the next message tells it that has somebody in it."""
    while True:
        message = await doctor.until(st.WaitingRoom)
        if message.entries:
            return message.entries


async def test_a_patient_with_a_doctor_s_code_is_seen_by_that_doctor_only(station: RunningStation) -> None:
    async with PagePeer(station.origin) as doctor, PagePeer(station.origin) as other, booth_of(station) as booth:
        await doctor.sign_in(station.token("Dr A"))
        await other.sign_in(station.token("Dr B"))
        made = await code_of(doctor)
        assert 0 < made.expires - station.now() <= CODE_LASTS
        await booth.sign_in()
        await booth.send(st.OpenRoom("c1", "A 12", made.place))
        await doctor.enter("c1")
        joined = await doctor.until(st.Joined)
        assert (joined.consultation, (await booth.next()).peer) == ("c1", "Dr A")
        await other.send(st.Join("c1"))
        assert (await other.until(st.Refused)).reason == "no-such-consultation"
        assert other.waiting == set()


async def test_code_typed_at_the_booth_and_the_handshake_through_the_station(station: RunningStation) -> None:
    """The secret digits never reach the station, and both ends agree by them."""
    async with PagePeer(station.origin) as doctor, booth_of(station) as booth:
        await doctor.sign_in(station.token("Dr A"))
        code = codes.typed((await code_of(doctor)).place)
        typed = codes.read(code.text)
        await booth.sign_in()
        await booth.send(st.OpenRoom("c1", "A 12", typed.place))
        await doctor.enter("c1")
        await doctor.until(st.Joined)
        await booth.next()
        gate = codes.CodeGate((typed,), expires=900.0, now=lambda: 0.0)
        shaking = BoothHandshake(booth.keys, "c1", "Cabine 1", (), gate=gate)
        page = SpecialistHandshake(SpecialistKeys(), "c1", code=code)
        await doctor.socket.send_bytes(b"\x00" + page.hello)
        await booth.socket.send_bytes(b"\x00" + shaking.receive((await booth.next())[1:]))
        reveal = page.receive((await doctor.until(bytes))[1:])
        assert reveal is not None
        await doctor.socket.send_bytes(b"\x00" + reveal)
        await booth.socket.send_bytes(b"\x00" + shaking.receive((await booth.next())[1:]))
        page.receive((await doctor.until(bytes))[1:])
        assert shaking.agreement is not None
        assert shaking.agreement.by_code
        assert not any(code.secret in data for _, data in station.taps)


async def test_a_code_that_ended_or_never_was_leads_nowhere(station: RunningStation) -> None:
    async with PagePeer(station.origin) as doctor, booth_of(station) as booth:
        await doctor.sign_in(station.token("Dr A"))
        made = await code_of(doctor)
        await booth.sign_in()
        await booth.send(st.OpenRoom("c1", "A 12", f"{(int(made.place) + 1) % 100_000:05d}"))
        assert (await booth.next()).reason == "code-unknown"
        station.ahead = CODE_LASTS
        await booth.send(st.OpenRoom("c1", "A 12", made.place))
        assert (await booth.next()).reason == "code-expired"
        await doctor.send(st.CloseCode(made.place))
        other = await code_of(doctor)  # answered after the one before
        await booth.send(st.OpenRoom("c1", "A 12", made.place))
        assert (await booth.next()).reason == "code-used"
        await booth.send(st.CloseCode(other.place))
        await booth.send(st.OpenRoom("c1", "A 12", other.place))
        await doctor.enter("c1")


async def test_who_guesses_places_is_slowed_down(station: RunningStation) -> None:
    async with PagePeer(station.origin) as doctor, booth_of(station) as booth:
        await doctor.sign_in(station.token("Dr A"))
        made = await code_of(doctor)
        await booth.sign_in()
        wrong = f"{(int(made.place) + 1) % 100_000:05d}"
        for _ in range(WRONG):
            await booth.send(st.OpenRoom("c1", "A 12", wrong))
            assert (await booth.next()).reason == "code-unknown"
        await booth.send(st.OpenRoom("c1", "A 12", made.place))
        assert (await booth.next()).reason == "code-rate"
        station.ahead = WINDOW
        await booth.send(st.OpenRoom("c1", "A 12", made.place))
        await doctor.enter("c1")


async def test_one_doctor_does_not_fill_the_places(station: RunningStation) -> None:
    async with PagePeer(station.origin) as doctor:
        await doctor.sign_in(station.token("Dr A"))
        assert len({(await code_of(doctor)).place for _ in range(PER_OWNER)}) == PER_OWNER
        await doctor.send(st.MakeCode())
        assert (await doctor.until(st.Refused)).reason == "code-too-many"


async def test_a_booth_that_comes_back_keeps_its_doctor(station: RunningStation) -> None:
    async with PagePeer(station.origin) as doctor:
        await doctor.sign_in(station.token("Dr A"))
        made = await code_of(doctor)
        for ahead in (0, CODE_LASTS + 1):
            station.ahead = ahead
            async with booth_of(station) as booth:
                await booth.sign_in()
                await booth.send(st.OpenRoom("c1", "A 12", made.place))
                doctor.waiting.clear()
                await doctor.enter("c1")
                await doctor.until(st.Joined)


async def test_a_guest_enters_the_consultation_of_the_invitation_only(station: RunningStation) -> None:
    second = BoothKeys(random(32))
    station.work(lambda database: directory.enrol_booth(database, second.public, "Cabine 2", 0))
    async with booth_of(station) as booth, booth_of(station, second) as elsewhere, PagePeer(station.origin) as page:
        await elsewhere.sign_in()
        await elsewhere.send(st.OpenRoom("c2", "B 1"))
        invitation = await invited(station, booth)
        signed_in = await guest(page, invitation.place)
        assert signed_in.name == "Dr Invitée"
        assert [entry.consultation for entry in (await page.next()).entries] == ["c1"]
        await page.send(st.Join("c2"))
        assert (await page.until(st.Refused)).reason == "no-such-consultation"
        await page.send(st.MakeCode())
        assert (await page.until(st.Refused)).reason == "not-for-guests"
        await page.enter("c1")
        await page.until(st.Joined)
        await page.socket.close()
        async with PagePeer(station.origin, page.signing) as back:
            assert (await back.sign_in(session=signed_in.session)).name == "Dr Invitée"
            await back.enter("c1")
            await back.until(st.Joined)
        async with PagePeer(station.origin) as thief:
            assert (await thief.sign_in(session=signed_in.session)).reason == "bad-session"
        await booth.send(st.CloseRoom("c1"))
        await booth.send(st.Invite("c1"))
        while not isinstance(await booth.next(), st.Refused):
            pass  # until the station has read both
        async with PagePeer(station.origin, page.signing) as late:
            assert (await guest(late, invitation.place)).reason == "code-used"
        async with PagePeer(station.origin, page.signing) as late:
            assert (await late.sign_in(session=signed_in.session)).reason == "bad-session"


async def test_an_invitation_ends_and_is_not_for_crowds(station: RunningStation) -> None:
    async with booth_of(station) as booth:
        invitation = await invited(station, booth)
        for number in range(GUESTS + 1):
            async with PagePeer(station.origin, SigningKey(bytes([number]) * 32)) as page:
                answer = await guest(page, invitation.place)
                assert isinstance(answer, st.SignedIn) if number < GUESTS else answer.reason == "code-used"
        station.ahead = INVITATION_LASTS
        async with PagePeer(station.origin) as page:
            assert (await guest(page, invitation.place)).reason == "code-expired"
        await booth.send(st.Invite("c9"))
        assert (await booth.next()).reason == "no-such-consultation"


async def test_a_guest_signs_for_the_key_the_name_and_the_place(station: RunningStation) -> None:
    async with booth_of(station) as booth:
        invitation = await invited(station, booth)
        for field in ("key", "name", "place"):
            async with PagePeer(station.origin) as page:
                proof = page.signing.sign(st.guest_statement(page.origin, invitation.place, "Dr X", page.key)).signature
                changed = {"place": invitation.place, "name": "Dr X", "key": page.key} | {
                    field: {"key": bytes(32), "name": "Dr Y", "place": "00000"}[field]
                }
                await page.send(st.GuestSignIn(**changed, proof=proof))  # type: ignore[arg-type]
                assert (await page.next()).reason == "bad-signature"
        async with PagePeer(station.origin) as page:
            assert (await guest(page, invitation.place, " ")).reason == "bad-name"


async def test_a_doctor_s_code_is_no_invitation_and_the_other_way_round(station: RunningStation) -> None:
    async with PagePeer(station.origin) as doctor, PagePeer(station.origin) as page, booth_of(station) as booth:
        await doctor.sign_in(station.token("Dr A"))
        made = await code_of(doctor)
        assert (await guest(page, made.place)).reason == "code-unknown"
        invitation = await invited(station, booth)
        await booth.send(st.OpenRoom("c1", "A 12", invitation.place))
        assert (await booth.next()).reason == "code-unknown"


async def seated(station: RunningStation, booth: BoothPeer, doctor: PagePeer, page: PagePeer) -> Any:
    """A specialist and a guest in the booth's consultation; the guest's sign-in."""
    invitation = await invited(station, booth)
    await doctor.sign_in(station.token("Dr A"))
    await doctor.enter("c1")
    await doctor.until(st.Joined)
    signed_in = await guest(page, invitation.place)
    await page.enter("c1")
    await page.until(st.Joined)
    assert [((await booth.next()).peer, guest_) for guest_ in (False, True)] == [("Dr A", False), ("Dr Invitée", True)]
    return signed_in


async def test_specialist_and_guest_have_a_line_of_their_own_to_the_booth(station: RunningStation) -> None:
    async with booth_of(station) as booth, PagePeer(station.origin) as doctor, PagePeer(station.origin) as page:
        await seated(station, booth, doctor, page)
        for frame in (b"\x81to the guest", b"\x01to the specialist"):
            await booth.socket.send_bytes(frame)
        assert [await page.until(bytes), await doctor.until(bytes)] == [b"\x01to the guest", b"\x01to the specialist"]
        await page.socket.send_bytes(b"\x01of the guest")
        assert await booth.next() == b"\x81of the guest"
        await doctor.socket.send_bytes(b"\x01of the specialist")
        assert await booth.next() == b"\x01of the specialist"
        await page.socket.close()
        assert await booth.next() == st.Left("c1", guest=True)
        await doctor.send(st.CloseRoom("c1"))
        assert await booth.next() == st.Left("c1")


async def test_a_page_does_not_speak_for_the_guest(station: RunningStation) -> None:
    async with booth_of(station) as booth, PagePeer(station.origin) as doctor, PagePeer(station.origin) as page:
        await seated(station, booth, doctor, page)
        await doctor.socket.send_bytes(b"\x81as if I were the guest")
        assert (await doctor.until(st.Refused)).reason == "bad-message"
        await doctor.socket.close()
        assert await booth.next() == st.Left("c1")


async def test_a_guest_who_is_sent_away_does_not_come_back(station: RunningStation) -> None:
    async with booth_of(station) as booth, PagePeer(station.origin) as doctor, PagePeer(station.origin) as page:
        signed_in = await seated(station, booth, doctor, page)
        await booth.send(st.DismissGuest("c1"))
        assert (await page.until(st.Refused)).reason == "dismissed"
        async with PagePeer(station.origin, page.signing) as back:
            assert (await back.sign_in(session=signed_in.session)).reason == "bad-session"
        await doctor.socket.send_bytes(b"\x01the specialist stays")
        assert await booth.next() == b"\x01the specialist stays"


async def test_a_patient_whose_code_is_taken_back_is_told(station: RunningStation) -> None:
    async with PagePeer(station.origin) as doctor, booth_of(station) as booth:
        await doctor.sign_in(station.token("Dr A"))
        made = await code_of(doctor)
        await booth.sign_in()
        await booth.send(st.OpenRoom("c1", "A 12", made.place))
        while "c1" not in doctor.waiting:
            await doctor.next()
        await doctor.send(st.CloseCode(made.place))
        assert (await booth.next()).reason == "code-used"
        while "c1" in doctor.waiting:
            await doctor.next()
        await booth.send(st.OpenRoom("c1", "A 12", made.place))
        assert (await booth.next()).reason == "code-used"
        await doctor.send(st.Join("c1"))
        assert (await doctor.until(st.Refused)).reason == "no-such-consultation"


async def test_a_patient_whose_code_leads_nowhere_is_not_listed_and_keeps_the_place(station: RunningStation) -> None:
    """Whoever waited for anybody, names a code that is wrong, and then waits for anybody again has waited since the beginning."""
    async with PagePeer(station.origin) as doctor, booth_of(station) as booth:
        await doctor.sign_in(station.token("Dr A"))
        await booth.sign_in()
        await booth.send(st.OpenRoom("c1", "A 12"))
        before = await listed(doctor)
        station.ahead = WINDOW
        await booth.send(st.OpenRoom("c1", "A 12", "00000"))
        assert (await booth.next()).reason == "code-unknown"
        while "c1" in doctor.waiting:
            await doctor.next()
        await booth.send(st.OpenRoom("c1", "A 12"))
        assert await listed(doctor) == before


async def test_a_guest_who_reads_slowly_does_not_hold_the_specialist_up(station: RunningStation, caplog: pytest.LogCaptureFixture) -> None:
    async with booth_of(station) as booth, PagePeer(station.origin) as doctor, PagePeer(station.origin) as page:
        await seated(station, booth, doctor, page)
        page.socket._reader._protocol.pause_reading()  # type: ignore[attr-defined]
        frame = b"\x81" + bytes(8_000)
        flood = asyncio.create_task(_flood(booth, frame))
        assert await booth.next() == st.Left("c1", guest=True)
        flood.cancel()
        await booth.socket.send_bytes(b"\x01to the specialist")
        assert await doctor.until(bytes) == b"\x01to the specialist"
        assert "does not read any more" not in caplog.text, "the station waited for the guest"


async def _flood(booth: BoothPeer, frame: bytes) -> None:
    while True:
        await booth.socket.send_bytes(frame)

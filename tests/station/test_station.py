"""The station with real sockets: who may sign in, who sits with whom, what is passed on and what is kept."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import signal
import sys
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientSession, WSMsgType, WSServerHandshakeError
from nacl.signing import SigningKey
from nacl.utils import random

from kiosk.secure.keys import BoothKeys
from protocol import station as st
from protocol.codec import LIMIT
from station import audit, directory
from station.turn import Turn
from tests.station.booth_peer import BoothPeer
from tests.station.running import PagePeer, RunningStation

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path


def booth(station: RunningStation, key: BoothKeys | None = None) -> BoothPeer:
    return BoothPeer(station.origin, key or station.booth_keys)


# signing in


async def test_an_enrolled_booth_signs_in_and_any_other_is_refused(station: RunningStation) -> None:
    async with booth(station) as known, booth(station, BoothKeys(random(32))) as stranger:
        assert await known.sign_in() == st.SignedIn("Cabine 1", "")
        assert (await stranger.sign_in()).reason == "unknown-key"


async def test_a_booth_that_signs_for_another_station_is_refused(station: RunningStation) -> None:
    async with booth(station) as peer:
        challenge = await peer.next()
        statement = st.booth_statement("https://other.example.org", challenge.nonce, challenge.time, peer.keys.public)
        await peer.send(st.BoothProof(peer.keys.public, peer.name, peer.keys.sign(statement)))
        assert (await peer.next()).reason == "bad-signature"


async def test_a_proof_that_somebody_has_seen_signs_in_nowhere_else(station: RunningStation) -> None:
    """A proof belongs to one connection, and to one time, key and origin of it."""
    async with booth(station) as peer, booth(station) as thief:
        challenge = await peer.next()
        signature = peer.keys.sign(st.booth_statement(challenge.origin, challenge.nonce, challenge.time, peer.keys.public))
        proof = st.BoothProof(peer.keys.public, peer.name, signature)
        await peer.send(proof)
        assert await peer.next() == st.SignedIn("Cabine 1", "")
        await thief.next()
        await thief.send(proof)
        assert (await thief.next()).reason == "bad-signature"
    for changed in ({"time": challenge.time + 1}, {"nonce": bytes(32)}, {"key": bytes(32)}):
        async with booth(station) as peer:
            challenge = await peer.next()
            given = {"nonce": challenge.nonce, "time": challenge.time, "key": peer.keys.public, **changed}
            signature = peer.keys.sign(st.booth_statement(challenge.origin, given["nonce"], given["time"], given["key"]))
            await peer.send(st.BoothProof(peer.keys.public, peer.name, signature))
            assert (await peer.next()).reason == "bad-signature"


async def test_a_link_signs_in_once_and_its_session_goes_on(station: RunningStation) -> None:
    token = station.token()
    async with PagePeer(station.origin) as first:
        signed_in = await first.sign_in(token)
        assert signed_in.name == "Dr Claire BERNARD"
    async with PagePeer(station.origin, first.signing) as again:
        assert (await again.sign_in(token)).reason == "used-token"
    async with PagePeer(station.origin, first.signing) as back:
        assert await back.sign_in(session=signed_in.session) == signed_in
    async with PagePeer(station.origin) as thief:
        assert (await thief.sign_in(session=signed_in.session)).reason == "bad-session"


async def test_an_unknown_and_an_expired_link_are_refused(station: RunningStation) -> None:
    async with PagePeer(station.origin) as page:
        assert (await page.sign_in("nothing")).reason == "bad-token"
    token = station.token(lasts=1000)
    station.ahead = 2000
    async with PagePeer(station.origin) as page:
        assert (await page.sign_in(token)).reason == "expired-token"


async def test_a_key_that_the_page_does_not_hold_is_refused_and_the_link_stays_good(station: RunningStation) -> None:
    token = station.token()
    async with PagePeer(station.origin) as page:
        page.key = bytes(SigningKey.generate().verify_key)
        assert (await page.sign_in(token)).reason == "bad-signature"
    async with PagePeer(station.origin) as page:
        assert isinstance(await page.sign_in(token), st.SignedIn)


async def test_a_key_of_one_specialist_does_not_sign_another_in(station: RunningStation) -> None:
    async with PagePeer(station.origin) as page:
        await page.sign_in(station.token("Dr A"))
    async with PagePeer(station.origin, page.signing) as other:
        assert (await other.sign_in(station.token("Dr B"))).reason == "key-of-another"


async def test_secrets_are_not_in_the_database(station: RunningStation) -> None:
    token = station.token()
    async with PagePeer(station.origin) as page:
        session = (await page.sign_in(token)).session
    await station.stop()
    stored = b"".join(path.read_bytes() for path in station.database.parent.iterdir())
    await station.start()
    assert b"Dr Claire BERNARD" in stored
    assert token.encode() not in stored
    assert session.encode() not in stored


async def test_a_page_of_another_origin_is_not_even_connected(station: RunningStation) -> None:
    async with ClientSession() as session:
        with pytest.raises(WSServerHandshakeError, match="403"):
            await session.ws_connect(station.origin + "/specialist", headers={"Origin": "https://evil.example.org"})


# waiting room and seat


async def test_the_waiting_room_is_pushed_at_each_change(station: RunningStation) -> None:
    async with PagePeer(station.origin) as page, booth(station) as peer:
        await page.sign_in(station.token())
        assert await page.next() == st.WaitingRoom(())
        await peer.sign_in()
        await peer.send(st.OpenRoom("c1", "A 12"))
        (entry,) = (await page.next()).entries
        assert (entry.consultation, entry.booth, entry.ticket, entry.busy) == ("c1", "Cabine 1", "A 12", False)
        await page.enter("c1")
        assert (await page.until(st.WaitingRoom)).entries[0].busy
        await peer.send(st.CloseRoom("c1"))
        assert await page.until(st.Left) == st.Left("c1")
        assert await page.until(st.WaitingRoom) == st.WaitingRoom(())


async def test_one_specialist_a_consultation(station: RunningStation) -> None:
    async with booth(station) as peer, PagePeer(station.origin) as first, PagePeer(station.origin) as second:
        await peer.sign_in()
        await peer.send(st.OpenRoom("c1", "A 12"))
        await first.sign_in(station.token("Dr A"))
        await second.sign_in(station.token("Dr B"))
        await first.enter("c1")
        assert (await first.until(st.Joined)).peer == "Cabine 1"
        await second.enter("c1")
        assert (await second.until(st.Refused)).reason == "already-joined"
        await first.send(st.CloseRoom("c1"))
        await second.until(st.WaitingRoom)
        await second.enter("c1")
        await second.until(st.Joined)
        assert [await peer.next() for _ in range(3)] == [st.Joined("c1", "Dr A", ()), st.Left("c1"), st.Joined("c1", "Dr B", ())]


async def test_nobody_enters_a_consultation_that_is_not_there(station: RunningStation) -> None:
    async with PagePeer(station.origin) as page:
        await page.sign_in(station.token())
        await page.send(st.Join("c9"))
        assert (await page.until(st.Refused)).reason == "no-such-consultation"


async def test_a_reloaded_page_takes_its_seat_again_and_the_seat_is_kept_for_it(station: RunningStation) -> None:
    async with booth(station) as peer, PagePeer(station.origin) as first, PagePeer(station.origin) as other:
        await peer.sign_in()
        await peer.send(st.OpenRoom("c1", "A 12"))
        session = (await first.sign_in(station.token("Dr A"))).session
        await first.enter("c1")
        await first.until(st.Joined)
        await first.socket.close()
        assert [await peer.next() for _ in range(2)] == [st.Joined("c1", "Dr A", ()), st.Left("c1")]
        await other.sign_in(station.token("Dr B"))
        await other.enter("c1")
        assert (await other.until(st.Refused)).reason == "already-joined"
        async with PagePeer(station.origin, first.signing) as back:
            await back.sign_in(session=session)
            await back.enter("c1")
            await back.until(st.Joined)
            assert await peer.next() == st.Joined("c1", "Dr A", ())


async def test_the_same_session_in_another_page_takes_over_and_the_first_is_told(station: RunningStation) -> None:
    async with booth(station) as peer, PagePeer(station.origin) as first:
        await peer.sign_in()
        await peer.send(st.OpenRoom("c1", "A 12"))
        session = (await first.sign_in(station.token())).session
        await first.enter("c1")
        await first.until(st.Joined)
        async with PagePeer(station.origin, first.signing) as second:
            await second.sign_in(session=session)
            await second.enter("c1")
            await second.until(st.Joined)
            assert (await first.until(st.Refused)).reason == "taken-over"
            await second.socket.send_bytes(b"\x00hello")
            while not isinstance(got := await peer.next(), bytes):
                pass
            assert got == b"\x00hello"


async def test_a_booth_that_comes_back_finds_its_specialist(station: RunningStation) -> None:
    async with PagePeer(station.origin) as page:
        await page.sign_in(station.token())
        async with booth(station) as peer:
            await peer.sign_in()
            await peer.send(st.OpenRoom("c1", "A 12"))
            await page.enter("c1")
            await page.until(st.Joined)
        await page.until(st.Left)
        async with booth(station) as peer:
            await peer.sign_in()
            await peer.send(st.OpenRoom("c1", "A 12"))
            assert isinstance(await peer.next(), st.Joined)
            await page.until(st.Joined)


async def test_a_booth_does_not_take_the_consultation_of_another(station: RunningStation) -> None:
    other = BoothKeys(random(32))
    station.work(lambda database: directory.enrol_booth(database, other.public, "Cabine 2", 0))
    async with booth(station) as first, booth(station, other) as second:
        await first.sign_in()
        await first.send(st.OpenRoom("c1", "A 12"))
        await second.sign_in()
        await second.send(st.OpenRoom("c1", "B 1"))
        assert (await second.next()).reason == "consultation-taken"


async def test_turn_credentials_are_coturns(tmp_path: Path) -> None:
    async with RunningStation(tmp_path / "s.sqlite", turn=(Turn("turns:turn.example.org:443", b"north"),)) as station:
        async with booth(station) as peer, PagePeer(station.origin) as page:
            await peer.sign_in()
            await peer.send(st.OpenRoom("c1", "A 12"))
            await page.sign_in(station.token())
            await page.enter("c1")
            (server,) = (await page.until(st.Joined)).ice_servers
        expires, user = server.username.split(":")
        assert user == "c1"
        assert int(expires) * 1000 > station.now()
        wanted = base64.b64encode(hmac.new(b"north", server.username.encode(), hashlib.sha1).digest()).decode()
        assert (server.urls, server.credential) == ("turns:turn.example.org:443", wanted)


# the relay


async def joined(station: RunningStation, peer: BoothPeer, page: PagePeer) -> None:
    await peer.sign_in()
    await peer.send(st.OpenRoom("c1", "A 12"))
    await page.sign_in(station.token())
    await page.enter("c1")
    await page.until(st.Joined)
    assert isinstance(await peer.next(), st.Joined)


async def frames_of(page: PagePeer, count: int) -> list[bytes]:
    found: list[bytes] = []
    while len(found) < count:
        message = await page.next()
        if isinstance(message, bytes):
            found.append(message)
    return found


async def test_frames_go_through_unread_in_order_both_ways(station: RunningStation) -> None:
    async with booth(station) as peer, PagePeer(station.origin) as page:
        await joined(station, peer, page)
        sent = [bytes([kind % 0x80]) + bytes([kind % 251]) * kind for kind in range(0, 600, 7)]
        for frame in sent:
            await peer.socket.send_bytes(frame)
        assert await frames_of(page, len(sent)) == sent
        await page.socket.send_bytes(b"\x01not even JSON")
        assert await peer.next() == b"\x01not even JSON"
        assert ("booth>station", sent[3]) in station.taps
        assert ("station>page", sent[3]) in station.taps


async def test_a_slow_page_holds_its_booth_up_instead_of_filling_the_station(station: RunningStation) -> None:
    async with booth(station) as peer, PagePeer(station.origin) as page:
        await joined(station, peer, page)
        page.socket._reader._protocol.pause_reading()  # type: ignore[attr-defined]
        frame = b"\x01" + bytes(200_000)

        async def flood() -> None:
            for _ in range(1000):
                await peer.socket.send_bytes(frame)

        with pytest.raises(TimeoutError):
            await asyncio.wait_for(flood(), 2)
        held = sum(len(data) for direction, data in station.taps if direction == "booth>station")
        assert held < 60_000_000, "the station read on although nobody took it"
        page.socket._reader._protocol.resume_reading()  # type: ignore[attr-defined]
        assert await frames_of(page, 5) == [frame] * 5


@pytest.mark.parametrize(
    "text",
    [
        '{"type":"join"}',
        "not JSON",
        '{"type":"unknown"}',
        '{"type":"join","consultation":"c1","more":1}',
        "[" * 5000,
        '{"type":"join","consultation":7}',
    ],
)
async def test_a_malformed_message_is_refused_in_words_and_the_station_goes_on(station: RunningStation, text: str) -> None:
    async with PagePeer(station.origin) as page:
        await page.sign_in(station.token())
        await page.socket.send_str(text)
        refused = await page.until(st.Refused)
        assert refused.reason == "bad-message"
        assert refused.detail
        assert await page.next() is WSMsgType.CLOSE
    async with PagePeer(station.origin) as page:
        assert isinstance(await page.sign_in(station.token()), st.SignedIn)


async def test_an_oversized_message_ends_the_connection_and_nothing_else(station: RunningStation) -> None:
    async with booth(station) as peer, PagePeer(station.origin) as page:
        await joined(station, peer, page)
        await page.socket.send_bytes(bytes(LIMIT + 1))
        frame = await page.socket.receive(5)
        while frame.type is WSMsgType.TEXT:
            frame = await page.socket.receive(5)
        assert (frame.type, frame.data) == (WSMsgType.CLOSE, 1009)
        assert await peer.next() == st.Left("c1")


async def test_nothing_but_a_sign_in_is_taken_first(station: RunningStation) -> None:
    async with PagePeer(station.origin) as page, booth(station) as peer:
        await page.send(st.Join("c1"))
        assert (await page.next()).reason == "bad-message"
        await peer.next()
        await peer.send(st.OpenRoom("c1", "A"))
        assert (await peer.next()).reason == "bad-message"


# the mailbox


def receipt(page: PagePeer, identifier: str, at: int = 1_700_000_000_000) -> st.Receipt:
    return st.Receipt(identifier, at, page.signing.sign(st.receipt_statement(identifier, at)).signature)


async def test_an_envelope_waits_for_its_specialist_and_the_receipt_for_the_booth(station: RunningStation) -> None:
    async with PagePeer(station.origin) as page:
        session = (await page.sign_in(station.token())).session
    async with booth(station) as peer:
        await peer.sign_in()
        for _ in range(2):
            await peer.send(st.Deposit("e1", page.key, b"sealed"))
            assert await peer.next() == st.Deposited("e1")
        await peer.send(st.Deposit("e1", page.key, b"other"))
        assert (await peer.next()).reason == "id-taken"
    await station.stop()
    await station.start()
    async with PagePeer(station.origin, page.signing) as back:
        await back.sign_in(session=session)
        assert await back.until(st.Mail) == st.Mail("e1", station.booth_keys.public, b"sealed")
        await back.send(receipt(back, "e1"))
        await back.send(st.Join("c9"))
        await back.until(st.Refused)
    async with booth(station) as peer:
        await peer.sign_in()
        assert await peer.next() == receipt(page, "e1")
        await peer.send(st.Deposit("e1", page.key, b"sealed"))
        assert [await peer.next() for _ in range(2)] == [st.Deposited("e1"), receipt(page, "e1")]
    assert station.work(lambda database: database.execute("select count(*) from mail").fetchone()) == (0,)


async def test_mail_reaches_a_page_that_is_there_at_once_and_only_its_own(station: RunningStation) -> None:
    async with booth(station) as peer, PagePeer(station.origin) as page, PagePeer(station.origin) as other:
        await peer.sign_in()
        await page.sign_in(station.token("Dr A"))
        await other.sign_in(station.token("Dr B"))
        await peer.send(st.Deposit("e1", page.key, b"sealed"))
        await page.until(st.Mail)
        await other.send(receipt(other, "e1"))
        await other.send(st.Join("c9"))
        await other.until(st.Refused)
        assert station.work(lambda database: database.execute("select count(*) from mail").fetchone()) == (1,)
        assert not any(direction == "station>page" and b"sealed" in data for direction, data in station.taps[-1:])


async def test_a_receipt_with_a_wrong_signature_deletes_nothing(station: RunningStation) -> None:
    async with booth(station) as peer, PagePeer(station.origin) as page:
        await peer.sign_in()
        await page.sign_in(station.token())
        await peer.send(st.Deposit("e1", page.key, b"sealed"))
        await page.until(st.Mail)
        await page.send(st.Receipt("e1", 5, bytes(64)))
        assert (await page.until(st.Refused)).reason == "bad-receipt"
        assert station.work(lambda database: database.execute("select count(*) from mail").fetchone()) == (1,)


async def test_an_envelope_for_nobody_is_refused(station: RunningStation) -> None:
    async with booth(station) as peer:
        await peer.sign_in()
        await peer.send(st.Deposit("e1", bytes(32), b"sealed"))
        assert (await peer.next()).reason == "unknown-recipient"


# audit and command


async def test_the_audit_shows_who_was_there_and_any_change_of_it(station: RunningStation) -> None:
    async with booth(station) as peer, PagePeer(station.origin) as page:
        await joined(station, peer, page)

    def rows(database: sqlite3.Connection) -> list[Any]:
        return database.execute("select event from audit order by sequence").fetchall()

    events = [row[0] for row in station.work(rows)]
    assert sorted(events[:5]) == ["booth-enrolled", "booth-signed-in", "link-made", "room-opened", "specialist-signed-in"]
    assert events[5:] == ["joined"]
    assert station.work(audit.first_broken) is None
    station.work(lambda database: database.execute("update audit set detail = '{}' where sequence = 3"))
    assert station.work(audit.first_broken) == 3
    station.work(lambda database: database.execute("delete from audit where sequence = 2"))
    assert station.work(audit.first_broken) == 3


async def command(*arguments: str) -> tuple[int | None, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "station.app", *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_the_command_enrols_prints_a_link_serves_and_stops_on_request(tmp_path: Path) -> None:
    database = str(tmp_path / "s.sqlite")
    keys = BoothKeys(random(32))
    key = base64.b64encode(keys.public).decode()
    assert await command("enrol", key, "Cabine 1", "--database", database) == (0, "", "")
    code, out, _ = await command("--database", database, "--origin", "https://s.example.org", "link", "Dr A")
    assert (code, out.startswith("https://s.example.org/#")) == (0, True)
    assert (await command("verify", "--database", database))[0] == 0
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "station.app", "--port", "0", "--database", database, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    origin = (await process.stdout.readline()).decode().split()[1]
    async with BoothPeer(origin, keys) as peer:
        assert await peer.sign_in() == st.SignedIn("Cabine 1", "")
        process.send_signal(signal.SIGTERM)
        assert (await peer.socket.receive(5)).data == 1001
    assert await process.wait() == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("enrol", "AAAA", "Cabine"), "32 octets"),
        (("enrol", "*", "Cabine"), "not base64"),
        (("link", "Dr A"), "--origin is needed"),
        (("--origin", "station.example.org"), "not an origin"),
        (("--turn", "turn:t"), "--turn-secret"),
        (("--host", "256.1.1.1"), "telecabine-station:"),
    ],
)
async def test_a_wrong_command_says_what_is_wrong(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    code, out, err = await command(*arguments, *(("--database", str(tmp_path / "s.sqlite")) if arguments[0] in {"enrol", "link"} else ()))
    assert code
    assert words in err
    assert "Traceback" not in err
    assert not out


async def test_every_answer_carries_the_strict_headers(station: RunningStation) -> None:
    async with ClientSession() as session:
        for path in ("/", "/main.js", "/nothing"):
            async with session.get(station.origin + path) as answer:
                policy = answer.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy
                assert "unsafe-inline" not in policy
                assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
                assert answer.headers["Cross-Origin-Embedder-Policy"] == "require-corp"
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
        async with session.get(station.origin + "/../app.py") as answer:
            assert answer.status == 404

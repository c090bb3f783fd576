"""The call process over its sockets: agent on one side, screen on the other, aiortc as the specialist."""

import asyncio
import fcntl
import mmap
import os
import signal
import socket
import sys
import time
import wave
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from kiosk.call import ring
from protocol.engine import (
    Answer,
    Device,
    Hangup,
    IceServer,
    Offer,
    Painted,
    Prepare,
    Prepared,
    RelaysTried,
    RemoteCandidate,
    Ring,
    Sources,
    State,
    Statistics,
    TryRelays,
    from_call,
)
from simulators.call import allow_loopback
from tests.kiosk.call.agent import Agent, Screen
from tests.kiosk.call.specialist import AiortcSpecialist

allow_loopback()


@pytest.fixture
async def specialist() -> AsyncIterator[AiortcSpecialist]:
    made = AiortcSpecialist()
    yield made
    await made.close()


async def call(agent: Agent, specialist: AiortcSpecialist) -> None:
    await agent.send(Prepare((), relay_only=False))
    assert all(line.startswith("sha-") for line in (await agent.expect(Prepared)).fingerprints)
    await agent.send(Offer(await specialist.offer()))
    await specialist.accept((await agent.expect(Answer)).sdp)
    await agent.state("connected")


async def endless(receive: Callable[[], Awaitable[object]]) -> None:
    """Receive until that raises."""
    while True:
        await receive()


async def test_relays_are_tried_before_a_call_and_a_call_that_begins_meanwhile_goes_first(tmp_path: Path) -> None:
    """Needs F002-20. The silent one is a port that somebody listens at and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent, socket.create_server(("127.0.0.1", 0)) as gone:
        urls = [f"turn:127.0.0.1:{one.getsockname()[1]}?transport=tcp" for one in (silent, gone)]
        gone.close()
        given = tuple(IceServer(url, "1:test", "secret") for url in (*urls, "turn:", "stun:127.0.0.1:9"))
        async with Agent(tmp_path, "--camera", "stamped:320x180") as agent:
            await agent.send(TryRelays(given[:1]))
            await agent.send(Prepare((), relay_only=False))
            await agent.expect(Prepared)
            await agent.send(TryRelays(given))
            found = await agent.expect(RelaysTried)  # of the second order
            assert [(relay.reason, relay.detail) for relay in found.relays] == [
                ("relay-silent", "no answer"),
                ("relay-unreachable", "connection refused"),
                ("relay-address", "not the address of a relay"),
            ]
            assert found.sent == 0


async def test_a_whole_call(tmp_path: Path, specialist: AiortcSpecialist) -> None:
    """Pictures reach the specialist and, through shared memory, the screen; the agent gets figures each second."""
    async with Agent(tmp_path, "--camera", "stamped:320x180", "--stamps", str(tmp_path / "stamps")) as agent:
        screen = Screen(agent.video)
        await agent.send(Sources(camera=True, microphone=True))
        await call(agent, specialist)
        assert isinstance(await screen.next(), Ring)
        first, second = await screen.painted(), await screen.painted()
        assert second.sequence > first.sequence
        assert second.slot != first.slot
        assert 0 <= time.monotonic() - second.at < 5
        assert screen.shape == Ring(320, 180, ring.SLOTS)
        picture = screen.picture(second)
        row = picture[320 * 4 * 3 : 320 * 4 * 4]
        assert {value // 128 for value in row[0::4]} == {0, 1}, "the stamp's black and white cells are in the picture"
        figures = [await agent.expect(Statistics) for _ in range(3)]
        assert figures[-1].received_fps > 5
        assert figures[-1].sent_fps > 5
        await agent.send(Hangup())
        await agent.state("closed")
        screen.close()
    assert agent.process.returncode == 0
    lines = (tmp_path / "stamps").read_text().splitlines()
    assert any('"distinct": ' in line and '"distinct": 0' not in line for line in lines)


async def test_the_specialists_voice_is_played_and_a_missing_loudspeaker_is_said(tmp_path: Path, specialist: AiortcSpecialist) -> None:
    sound = tmp_path / "voice.wav"
    async with Agent(tmp_path, "--camera", "none", "--speaker", f"recorded:{sound}") as agent:
        await call(agent, specialist)
        await agent.expect(Statistics)
        await agent.expect(Statistics)
    with wave.open(str(sound)) as played:
        assert (played.getnchannels(), played.getframerate(), played.getsampwidth()) == (1, 48_000, 2)
        assert played.getnframes() > 24_000
    (tmp_path / "two").mkdir()
    again = AiortcSpecialist()
    async with Agent(tmp_path / "two", "--camera", "none", "--speaker", "alsa:nonexistent") as agent:
        await call(agent, again)
        assert await agent.expect(Device) == Device("speaker", "no-speaker")
        await agent.expect(Statistics)
    await again.close()


async def test_the_screen_cannot_write_resize_or_outlive_its_limits(tmp_path: Path, specialist: AiortcSpecialist) -> None:
    async with Agent(tmp_path, "--camera", "none") as agent:
        screen = Screen(agent.video)
        await call(agent, specialist)
        await screen.painted()
        with pytest.raises(PermissionError):
            mmap.mmap(screen.descriptor, 0, prot=mmap.PROT_WRITE)
        with pytest.raises(OSError, match=r"Invalid|permitted"):
            os.ftruncate(screen.descriptor, 0)
        seals = fcntl.fcntl(screen.descriptor, 1034)  # F_GET_SEALS
        assert seals & 0b111 == 0b111
        screen.close()


async def test_a_screen_that_died_is_replaced_and_a_talking_one_is_cut_off(tmp_path: Path, specialist: AiortcSpecialist) -> None:
    async with Agent(tmp_path, "--camera", "none") as agent:
        silent, loud = Screen(agent.video), Screen(agent.video)
        await call(agent, specialist)
        await loud.painted()
        silent.close()
        loud.socket.send(os.urandom(500))
        with pytest.raises(ConnectionError):
            await endless(loud.next)
        again = Screen(agent.video)
        assert isinstance(await again.next(), Ring)
        assert isinstance(await again.painted(), Painted)
        again.close()
        loud.close()


async def test_a_screen_that_never_reads_stops_nobody(tmp_path: Path, specialist: AiortcSpecialist) -> None:
    async with Agent(tmp_path, "--camera", "none") as agent:
        stuck, reading = Screen(agent.video), Screen(agent.video)
        stuck.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        await call(agent, specialist)
        start = await reading.painted()
        while (await reading.painted()).sequence < start.sequence + 60:
            pass
        stuck.close()
        reading.close()


async def test_killed_it_is_ready_again_within_two_seconds(tmp_path: Path, specialist: AiortcSpecialist) -> None:
    """A kill -9 in mid-call; the next process takes the next call, over the stale video socket."""
    async with Agent(tmp_path, "--camera", "none") as agent:
        await call(agent, specialist)
        agent.process.send_signal(signal.SIGKILL)
        with pytest.raises(ConnectionError):
            await endless(agent.receive)
        await agent.process.communicate()
        agent.connection.close()
        start = time.monotonic()
        await agent.start()
        assert time.monotonic() - start < 10, "far above the two seconds of a quiet machine"
        again = AiortcSpecialist()
        await call(agent, again)
        await again.close()


async def test_after_a_kill_the_next_process_shows_the_certificate_that_was_agreed(tmp_path: Path, specialist: AiortcSpecialist) -> None:
    """So the picture comes back without a new handshake."""
    async with Agent(tmp_path, "--camera", "stamped:320x180") as agent:
        await agent.send(Prepare((), relay_only=False))
        first = await agent.expect(Prepared)
        assert "PRIVATE" not in repr(first) + repr(Prepare((), relay_only=False, identity=first.identity))
        agent.process.kill()
        await agent.process.communicate()
        agent.connection.close()
        await agent.start()
        await agent.send(Prepare((), relay_only=False, identity=first.identity))
        assert await agent.expect(Prepared) == first
        await agent.send(Offer(await specialist.offer()))
        await specialist.accept((await agent.expect(Answer)).sdp)
        await agent.state("connected")
        await agent.send(Prepare((), relay_only=False, identity=b"-----BEGIN NONSENSE"))
        while (state := await agent.receive()) != State("failed", "bad-identity"):
            assert not isinstance(state, Prepared)


async def test_hostile_packets_are_ignored(tmp_path: Path, specialist: AiortcSpecialist) -> None:
    """Whatever comes from a broken agent, the process lives, answers and says what was wrong in one line each."""
    async with Agent(tmp_path, "--camera", "none") as agent:
        for packet in (
            b"\xc1",
            b"\x00",
            os.urandom(1000),
            b"\x81\xa4type\xa5other",
            b"\x81\xa4type\xa5offer",
            b"\xdf\xff\xff\xff\xff",
            b"\x91" * 100_000,
        ):
            await agent.send_raw(packet)
        await agent.send_raw(from_call.encode(State("new", "")))
        await call(agent, specialist)
        agent.connection.close()
        _, errors = await agent.process.communicate()
    assert errors.count(b"the agent's packet is ignored") == 8
    assert b"Traceback" not in errors
    assert agent.process.returncode == 0


async def test_a_packet_longer_than_any_message_is_ignored(tmp_path: Path) -> None:
    async with Agent(tmp_path, "--camera", "none") as agent:
        agent.connection.setsockopt(socket.SOL_SOCKET, 32, 1 << 20)  # SO_SNDBUFFORCE, or the default where it is not allowed
        await agent.send_raw(bytes(300_000))
        await agent.send(Prepare((), relay_only=False))
        await agent.expect(Prepared)


async def test_a_bad_offer_is_said_and_the_next_one_works(tmp_path: Path, specialist: AiortcSpecialist) -> None:
    async with Agent(tmp_path, "--camera", "none") as agent:
        await agent.send(Offer("v=0"))
        assert await agent.receive() == State("failed", "not-prepared")
        await agent.send(Prepare((), relay_only=False))
        await agent.expect(Prepared)
        await agent.send(Offer("v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0"))
        assert await agent.receive() == State("failed", "bad-offer")
        await agent.send(RemoteCandidate("rubbish", "0"))
        await call(agent, specialist)


async def test_a_missing_camera_is_said_and_the_call_goes_on(tmp_path: Path, specialist: AiortcSpecialist) -> None:
    async with Agent(tmp_path, "--camera", "v4l2:/dev/video-none", "--microphone", "none") as agent:
        await agent.send(Sources(camera=True, microphone=True))
        await call(agent, specialist)
        while {message for message in agent.seen if isinstance(message, Device)} != {
            Device("camera", "no-camera"),
            Device("microphone", "no-microphone"),
        }:
            await agent.receive()
        await agent.expect(Statistics)


async def test_it_ends_with_the_agent_and_by_signal(tmp_path: Path) -> None:
    async with Agent(tmp_path) as agent:
        agent.connection.close()
        _, errors = await asyncio.wait_for(agent.process.communicate(), 5)
    assert (agent.process.returncode, errors) == (0, b"")
    assert not agent.video.exists()
    (tmp_path / "two").mkdir()
    async with Agent(tmp_path / "two") as agent:
        agent.process.terminate()
        await asyncio.wait_for(agent.process.communicate(), 5)
    assert agent.process.returncode == 0


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--agent", "/nonexistent/agent", "--video", "/nonexistent/video"), 1, b"telecabine-call: "),
        (("--agent", "a", "--video", "b", "--camera", "rubbish"), 2, b"'none' or 'FORMAT:NAME'"),
        ((), 2, b"--agent"),
    ],
)
async def test_wrong_options_are_one_line(options: tuple[str, ...], code: int, said: bytes) -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "kiosk.call", *options, stderr=asyncio.subprocess.PIPE)
    _, errors = await process.communicate()
    assert process.returncode == code
    assert said in errors
    assert b"Traceback" not in errors

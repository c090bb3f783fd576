"""The data channel of a call: when it may carry, and what comes through. The engine and its peer are both real."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from kiosk.call.aiortc_engine import AiortcEngine
from kiosk.call.bandwidth import CLIMB, LADDER, STAY, TOP, Ladder
from kiosk.call.cameras import BOOTH
from kiosk.call.channel import LABEL, LONGEST
from protocol.engine import Channel, Relay
from simulators.call import allow_loopback
from simulators.camera import StampedCamera
from tests.kiosk.call.specialist import AiortcSpecialist, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiortc import RTCDataChannel

allow_loopback()


class Peer(AiortcSpecialist):
    """A page that opens channels with these labels, the real one among them."""

    def __init__(self, *labels: str, sends: bool = False) -> None:
        super().__init__(sends=sends)
        self.came: list[bytes | str] = []
        self.channels: list[RTCDataChannel] = [self.connection.createDataChannel(label) for label in labels]
        for channel in self.channels:
            channel.on("message", self.came.append)


@asynccontextmanager
async def called(peer: Peer, *, camera: bool = False) -> AsyncIterator[tuple[AiortcEngine, list[Channel | Relay]]]:
    engine = AiortcEngine({BOOTH: StampedCamera(320, 180)}, None)
    told: list[Channel | Relay] = []
    engine.on_channel = told.append
    engine.set_sources(camera=camera, microphone=False)
    await engine.prepare((), relay_only=False)
    await peer.accept(await engine.accept_offer(await peer.offer()))
    await until(lambda: any(channel.readyState == "open" for channel in peer.channels))
    yield engine, told
    await peer.close()
    await engine.stop()


async def test_octets_go_both_ways_while_there_are_no_pictures() -> None:
    peer = Peer(LABEL)
    async with called(peer) as (engine, told):
        await until(lambda: told == [Channel(1, ready=True)])
        engine.relay(Relay(1, b"sealed"))
        await until(lambda: peer.came == [b"sealed"])
        peer.channels[0].send(b"echo")
        await until(lambda: told[1:] == [Relay(1, b"echo")])
        engine.set_sources(camera=True, microphone=False)
        await until(lambda: told[2:] == [Channel(1, ready=False)])
        engine.relay(Relay(1, b"still on its way when the camera was switched on"))
        await until(lambda: len(peer.came) == 2)
        engine.set_sources(camera=False, microphone=False)
        await until(lambda: told[3:] == [Channel(1, ready=True)])
    assert told[4:] == [Channel(1, ready=False)], "the call has ended"


async def test_what_is_meant_for_another_channel_is_dropped() -> None:
    """What was under way when a call broke off must not come out of the next one."""
    peer = Peer(LABEL)
    async with called(peer) as (engine, told):
        await until(lambda: bool(told))
        for number in (0, 2):
            engine.relay(Relay(number, b"of another call"))
        engine.relay(Relay(1, b"of this call"))
        await until(lambda: bool(peer.came))
        assert peer.came == [b"of this call"]
    engine.relay(Relay(1, b"after the end"))


async def test_only_short_octets_of_one_channel_are_heard() -> None:
    peer = Peer("other", LABEL, LABEL)
    async with called(peer) as (_, told):
        await until(lambda: Channel(1, ready=True) in told)
        heard = next(channel for channel in peer.channels[1:] if channel.readyState == "open")
        heard.send("text")
        heard.send(bytes(LONGEST + 1))
        heard.send(bytes(100_000))
        heard.send(b"at last")
        await until(lambda: len(told) == 2)
        assert told[1] == Relay(1, b"at last")
        await until(lambda: [channel.readyState for channel in peer.channels].count("open") == 1)


async def test_the_booths_picture_keeps_the_stream_out_of_a_link_that_was_not_seen_to_carry_more() -> None:
    peer = Peer(LABEL)
    async with called(peer, camera=True) as (_, told):
        await until(lambda: len(peer.pictures) > 30)
        assert not told


async def test_so_does_the_specialists() -> None:
    peer = Peer(LABEL, sends=True)
    async with called(peer) as (engine, told):
        await until(lambda: engine._call is not None and engine._call._received.count > 30)
        assert told in ([], [Channel(1, ready=True), Channel(1, ready=False)]), "its first picture comes a moment after the channel"


def test_a_link_is_wide_only_while_it_carries_the_largest_picture() -> None:
    ladder, now = Ladder(0.0), 0.0
    for _ in range(200):
        now += 0.1
        ladder.update(450_000, now)
        assert not ladder.wide, "a link of 500 kbit/s"
    while not ladder.wide:
        now += 0.1
        ladder.update(TOP, now)
    assert now < 20 + (len(LADDER) + 1) * STAY
    ladder.update(int(LADDER[-1].least * CLIMB), now)
    assert ladder.wide
    ladder.update(LADDER[-1].least - 1, now + 0.01)
    assert not ladder.wide, "at once, not after a while"

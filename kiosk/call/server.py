"""The call process: orders of the agent in, answers and state out, pictures to the screen."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Literal

from kiosk.call import pipewire, relays
from kiosk.call.cameras import BOOTH
from kiosk.call.engine import CallError
from kiosk.call.photographer import Photographer
from kiosk.call.ring import VideoServer
from kiosk.call.speaker import Speaker
from kiosk.call.surroundings import Surroundings
from kiosk.packets import Packets, connect
from protocol.codec import ProtocolError
from protocol.engine import (
    Answer,
    Auscultate,
    Device,
    DropPhoto,
    FromCall,
    Hangup,
    Heard,
    Offer,
    Prepare,
    Prepared,
    Relay,
    RemoteCandidate,
    Room,
    Sources,
    State,
    Statistics,
    TakePhoto,
    ToCall,
    TryRelays,
    Up,
    from_call,
    to_call,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from av import VideoFrame

    from kiosk.call.aiortc_engine import AiortcEngine
    from kiosk.call.speaker import Card

log = logging.getLogger("telecabine.call")

#: for one order of the agent, in seconds (gathering may wait for a STUN or TURN server)
PATIENCE = 10.0
#: the least time between two pictures of the booth's own on its screen, in seconds
OWN_PERIOD = 1 / 16
#: between two figures of light and noise, in seconds
ROOM_PERIOD = 0.5
#: looks a second at what the link leaves of picture and sound; the figures are told once a second, and when that changes
LOOKS = 4


class CallServer:
    """Joins one engine, the agent's socket and the screen's socket; `run` lasts until the agent is gone."""

    def __init__(
        self,
        engine: AiortcEngine,
        agent: Path,
        video: Path,
        own: Path | None = None,
        speaker: Callable[[], Card] | None = None,
        cards: Mapping[pipewire.Kind, str] | None = None,
    ) -> None:
        """The screen gets the specialist's pictures at `video`, the booth's own at `own`.

        `speaker` opens the loudspeaker; `cards` are the settings of which it is said when PipeWire does not have their node.
        """
        self._cards = {kind: setting for kind, setting in (cards or {}).items() if pipewire.node(setting)}
        self._looking: asyncio.Task[None] | None = None
        self._speaker = Speaker(speaker, lambda reason: self._trouble("speaker", reason)) if speaker else None
        self._engine = engine
        self._agent_path = agent
        self._video_path, self._own_path = video, own
        self._orders: asyncio.Queue[ToCall] = asyncio.Queue()
        self._gone = asyncio.Event()
        self._working: asyncio.Task[None] | None = None
        self._photo: asyncio.Task[None] | None = None
        self._trial: asyncio.Task[None] | None = None
        self._showing = ""
        self._shown_at = float("-inf")

    async def run(self) -> None:
        """Serve until the agent closes its socket.

        Raises:
            OSError: the agent does not listen, or the video socket cannot be made.
        """
        self._agent = Packets(connect(self._agent_path), self._received, self._gone.set)
        self._video = VideoServer(self._video_path, self._engine.clock)
        self._own = VideoServer(self._own_path, self._engine.clock) if self._own_path else None
        self._photographer = Photographer(self._engine, self._own, self._say)
        self._surroundings = Surroundings(self._engine.clock)
        self._engine.on_state = self._say
        self._engine.on_picture = self._picture
        self._engine.on_trouble = self._trouble
        self._engine.on_heard = self._heard
        self._engine.on_channel = self._say
        self._engine.cameras.seen = self._seen
        self._engine.microphone.heard = self._surroundings.heard
        if self._speaker:
            self._engine.on_sound = self._speaker.play
            self._speaker.heard = self._engine.heard
        self._say(Up())
        tasks = [asyncio.create_task(work) for work in (self._work(), self._count(), self._measure())]
        gone = asyncio.create_task(self._gone.wait())
        try:
            done, _ = await asyncio.wait([*tasks, gone], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            await self._finish([*tasks, gone])

    async def _finish(self, tasks: list[asyncio.Task[None] | asyncio.Task[Literal[True]]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2):
                await self._engine.stop()
        self._engine.auscultate(on=False, listening=False)
        if self._speaker:
            self._speaker.close()
        self._video.close()
        if self._own:
            self._own.close()
        self._agent.close()

    def stop(self) -> None:
        """End as if the agent had gone."""
        self._gone.set()

    def _say(self, message: FromCall) -> None:
        self._agent.send(from_call.encode(message), droppable=isinstance(message, Statistics | Room | Heard))

    def _picture(self, frame: VideoFrame) -> None:
        self._video.show(frame)

    def _heard(self, sequence: int, samples: bytes, at: float) -> None:
        self._say(Heard(sequence, samples, at))

    def _seen(self, camera: str, frame: VideoFrame) -> None:
        """A picture for the booth's own screen, which shows a photograph instead while there is one."""
        now = self._engine.clock()
        if camera == BOOTH:
            self._surroundings.seen(frame)
        if self._own and not self._photographer.shown and now - self._shown_at > OWN_PERIOD:
            self._shown_at = now
            self._own.show(frame)

    def _trouble(self, kind: str, reason: str) -> None:
        if reason:
            log.warning("%s: %s", kind, reason)
        self._say(Device(kind, reason))

    def _received(self, packet: bytes | None) -> None:
        if packet is None:
            log.warning("the agent's packet is ignored: longer than any message")
            return
        try:
            self._take(to_call.decode(packet))
        except ProtocolError as error:
            log.warning("the agent's packet is ignored: %s", error)

    def _take(self, order: ToCall) -> None:
        match order:
            case Sources():  # never waits behind anything: the patient's own switch
                self._choose(order)
            case TakePhoto(id=photo_id, camera=camera):
                self._photo = asyncio.create_task(self._photographer.take(photo_id, camera))
            case DropPhoto():
                self._photographer.drop()
            case TryRelays():
                self._trial = asyncio.create_task(self._try(order))
            case Relay():
                self._engine.relay(order)
            case Auscultate(on=on, listening=listening):
                self._engine.auscultate(on=on, listening=listening)
            case Hangup() | Prepare():
                self._orders = asyncio.Queue()
                for task in filter(None, (self._working, self._trial)):
                    task.cancel()
                self._orders.put_nowait(order)
                if isinstance(order, Prepare):
                    self._look()
            case _:
                self._orders.put_nowait(order)

    def _look(self) -> None:
        """Before and in a call: do the sound cards' settings name what is there?"""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_for_cards())

    async def _look_for_cards(self) -> None:
        for kind, setting in self._cards.items():
            try:
                absent = await asyncio.to_thread(pipewire.absent, kind, setting)
            except pipewire.PipewireError as error:  # opening the card says what the patient is to know
                log.warning("%s %s: %s", kind, setting, error)
            else:
                if absent:
                    log.warning("%s %s: PipeWire has no such node; the default card is used", kind, setting)
                self._say(Device(f"{kind}-node", f"{kind}-elsewhere" if absent else ""))

    async def _try(self, order: TryRelays) -> None:
        """Every relay, before a call; a specialist who comes meanwhile ends it: his call tries them anyway."""
        self._say(await relays.tried(order.ice_servers))

    def _choose(self, order: Sources) -> None:
        if order.seen != self._showing:
            self._showing = order.seen
            self._surroundings.clear()
            if order.seen == BOOTH:
                self._look()
            if self._own:
                self._own.wipe()
        self._engine.set_sources(camera=order.camera, microphone=order.microphone, exam=order.exam, seen=order.seen)

    async def _measure(self) -> None:
        while True:
            await asyncio.sleep(ROOM_PERIOD)
            if self._showing == BOOTH:
                self._say(self._surroundings.figures())

    async def _work(self) -> None:
        while True:
            self._working = asyncio.create_task(self._next())
            await asyncio.wait([self._working])
            if not self._working.cancelled():
                self._working.result()

    async def _next(self) -> None:
        order = await self._orders.get()
        try:
            async with asyncio.timeout(PATIENCE):
                await self._carry_out(order)
        except CallError as error:
            log.warning("%s: %s", type(order).__name__, error)
            if not isinstance(order, RemoteCandidate):  # one bad candidate among good ones does no harm
                self._say(State("failed", error.reason))
        except TimeoutError:
            log.warning("%s took longer than %s s", type(order).__name__, PATIENCE)
            await self._engine.stop()
            self._say(State("failed", "no-candidate"))

    async def _carry_out(self, order: ToCall) -> None:
        match order:
            case Prepare(ice_servers=servers, relay_only=relay_only, identity=identity, thin=thin):
                fingerprints = await self._engine.prepare(servers, relay_only=relay_only, identity=identity, thin=thin)
                self._say(Prepared(fingerprints, self._engine.identity))
            case Offer(sdp=sdp):
                self._say(Answer(await self._engine.accept_offer(sdp)))
            case RemoteCandidate(candidate=candidate, mid=mid):
                await self._engine.add_candidate(candidate, mid)
            case Hangup():
                self._choose(Sources(camera=False, microphone=False))  # the next patient's switches start off
                self._photographer.drop()
                await self._engine.stop()
                self._say(State("closed", ""))
            case Sources() | TakePhoto() | DropPhoto() | Relay() | Auscultate() | TryRelays():
                pass

    async def _count(self) -> None:
        left = None
        while True:
            for _ in range(LOOKS):
                await asyncio.sleep(1 / LOOKS)
                if self._engine.left != left:
                    break
            figures, left = await self._engine.statistics(), self._engine.left
            if figures:
                self._say(figures)

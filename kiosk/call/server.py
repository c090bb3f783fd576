"""The call process: orders of the agent in, answers and state out, pictures to the screen."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Literal

from kiosk.call.engine import CallError
from kiosk.call.ring import VideoServer
from kiosk.call.speaker import Speaker
from kiosk.packets import Packets, connect
from protocol.codec import ProtocolError
from protocol.engine import (
    Answer,
    Device,
    FromCall,
    Hangup,
    Offer,
    Prepare,
    Prepared,
    RemoteCandidate,
    Sources,
    State,
    Statistics,
    ToCall,
    Up,
    from_call,
    to_call,
)

if TYPE_CHECKING:
    from pathlib import Path

    from av import VideoFrame

    from kiosk.call.peer import AiortcEngine

log = logging.getLogger("telecabine.call")

#: for one order of the agent, in seconds (gathering may wait for a STUN or TURN server)
PATIENCE = 10.0
#: looks a second at what the link leaves of picture and sound; the figures are told once a second, and when that changes
LOOKS = 4


class CallServer:
    """Joins one engine, the agent's socket and the screen's socket; `run` lasts until the agent is gone."""

    def __init__(self, engine: AiortcEngine, agent: Path, video: Path, speaker: tuple[str, str] | None = None) -> None:
        """`speaker` is name and format of a libavdevice output."""
        self._speaker = Speaker(*speaker, lambda reason: self._trouble("speaker", reason)) if speaker else None
        self._engine = engine
        self._agent_path = agent
        self._video_path = video
        self._orders: asyncio.Queue[ToCall] = asyncio.Queue()
        self._gone = asyncio.Event()
        self._working: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Serve until the agent closes its socket.

        Raises:
            OSError: the agent does not listen, or the video socket cannot be made.
        """
        self._agent = Packets(connect(self._agent_path), self._received, self._gone.set)
        self._video = VideoServer(self._video_path, self._engine.clock)
        self._engine.on_state = self._say
        self._engine.on_picture = self._picture
        self._engine.on_trouble = self._trouble
        if self._speaker:
            self._engine.on_sound = self._speaker.play
        self._say(Up())
        tasks = [asyncio.create_task(self._work()), asyncio.create_task(self._count())]
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
        if self._speaker:
            self._speaker.close()
        self._video.close()
        self._agent.close()

    def stop(self) -> None:
        """End as if the agent had gone."""
        self._gone.set()

    def _say(self, message: FromCall) -> None:
        self._agent.send(from_call.encode(message), droppable=isinstance(message, Statistics))

    def _picture(self, frame: VideoFrame) -> None:
        self._video.show(frame)

    def _trouble(self, kind: Literal["camera", "microphone", "speaker"], reason: str) -> None:
        if reason:
            log.warning("%s: %s", kind, reason)
        self._say(Device(kind, reason))

    def _received(self, packet: bytes | None) -> None:
        if packet is None:
            log.warning("the agent's packet is ignored: longer than any message")
            return
        try:
            order = to_call.decode(packet)
        except ProtocolError as error:
            log.warning("the agent's packet is ignored: %s", error)
            return
        match order:
            case Sources(camera=camera, microphone=microphone):  # never waits behind anything: the patient's own switch
                self._engine.set_sources(camera=camera, microphone=microphone)
            case Hangup() | Prepare():
                self._orders = asyncio.Queue()
                if self._working:
                    self._working.cancel()
                self._orders.put_nowait(order)
            case _:
                self._orders.put_nowait(order)

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
            case Prepare(ice_servers=servers, relay_only=relay_only, identity=identity):
                fingerprints = await self._engine.prepare(servers, relay_only=relay_only, identity=identity)
                self._say(Prepared(fingerprints, self._engine.identity))
            case Offer(sdp=sdp):
                self._say(Answer(await self._engine.accept_offer(sdp)))
            case RemoteCandidate(candidate=candidate, mid=mid):
                await self._engine.add_candidate(candidate, mid)
            case Hangup():
                await self._engine.stop()
                self._say(State("closed", ""))
            case Sources():
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

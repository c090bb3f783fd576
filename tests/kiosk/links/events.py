"""Collects what links emit and waits for it, without sleeping."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from drivers.driver import load
from drivers.measurement import Frame, Reading, Refused
from kiosk.links.link import Event, Link, LinkState, RecordTransfer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

T = TypeVar("T")


class Events:
    def __init__(self) -> None:
        self.all: list[Event] = []
        self._news = asyncio.Event()

    def emit(self, event: Event) -> None:
        self.all.append(event)
        self._news.set()

    def wake(self) -> None:
        """Look at the condition again though nothing came."""
        self._news.set()

    def of(self, kind: type[T]) -> list[T]:
        return [event for event in self.all if isinstance(event, kind)]

    def states(self, key: str) -> list[tuple[bool, str]]:
        return [(state.up, state.reason) for state in self.of(LinkState) if state.device.key == key]

    def frames(self, source: str) -> list[bytes]:
        return [frame.data for frame in self.of(Frame) if frame.source == source]

    def readings(self, driver: str) -> list[Reading | Refused]:
        instance = load()[driver]()
        return [item for frame in self.of(Frame) if frame.source in instance.link.sources for item in instance.receive(frame)]

    def transfers(self, key: str) -> list[str]:
        return [transfer.result for transfer in self.of(RecordTransfer) if transfer.device == key]

    async def until(self, condition: Callable[[], object], timeout_s: float = 10.0) -> None:
        async with asyncio.timeout(timeout_s):
            while not condition():
                self._news.clear()
                await self._news.wait()


@asynccontextmanager
async def running(*links: Link, also: Callable[[Event], None] = lambda _: None) -> AsyncIterator[Events]:
    events = Events()

    def emit(event: Event) -> None:
        also(event)
        events.emit(event)

    tasks = [asyncio.create_task(link.run(emit)) for link in links]
    try:
        yield events
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(end, asyncio.CancelledError) for end in ended), ended

"""Patient cards for the agent: reads one on request, and tells when readers and cards come and go.

Both work in processes of their own that can be killed: a card that says nothing, or a card service that hangs, never holds up the booth.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from drivers.cards.card import Policy
from drivers.identity import CardError, CardProblem
from kiosk.links import identity_wire
from kiosk.links.smart_card_monitor import ALIVE_S, Seen
from kiosk.links.smart_card_worker import READY, is_professional_reader

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator

    from drivers.identity import IdentityCandidate

_LONGEST_ANSWER = 1 << 20
_RESTART_S = 1.0
_START_S = 20.0


class Role(StrEnum):
    """Whose cards a reader takes."""

    PATIENT = "patient"
    PROFESSIONAL = "professional"


@dataclass(frozen=True, slots=True)
class CardSettings:
    """What the operator set. `professional_readers` are shell patterns of reader names; every other reader is the patient's."""

    policy: Policy = field(default_factory=Policy)
    professional_readers: tuple[str, ...] = ()
    deadline_s: float = 5.0


@dataclass(frozen=True, slots=True)
class CardEvent:
    """What happened at a reader. `insertion` counts the cards that this monitor saw: two events of one card carry the same number."""

    seen: Seen
    reader: str = ""
    role: Role = Role.PATIENT
    insertion: int = 0


class CardReader:
    """Reads the patient's card. One process a read; the next one is started ahead, so that a read does not wait for it."""

    def __init__(self, settings: CardSettings) -> None:
        self._settings = settings
        self._spare: Process | None = None
        self._lock = asyncio.Lock()

    async def prepare(self) -> None:
        """Start the process of the next read."""
        if self._spare is None or self._spare.returncode is not None:
            self._spare = await _start("kiosk.links.smart_card_worker")

    async def read(self, reader: str | None = None) -> tuple[IdentityCandidate, ...]:
        """Read the card in `reader`, or the one patient card there is: one candidate for each holder.

        Raises:
            CardError: nothing was taken; within the deadline of the settings, counted from when the process is ready.
        """
        async with self._lock:
            await self.prepare()
            process, self._spare = self._spare, None
            if process is None:
                raise CardError(CardProblem.SERVICE_LOST, "the reading process did not start")
            try:
                await _wait_until_ready(process)
                async with asyncio.timeout(self._settings.deadline_s):
                    return await self._ask(process, reader)
            except TimeoutError:
                raise CardError(CardProblem.DEADLINE) from None
            finally:
                await _end(process)
                await self.prepare()

    async def is_still(self, candidate: IdentityCandidate, reader: str | None = None) -> bool:
        """Whether the card in the reader still names `candidate`: to be asked before an identity is confirmed."""
        try:
            return candidate in await self.read(reader)
        except CardError:
            return False

    async def aclose(self) -> None:
        """End the process that waits for the next read."""
        process, self._spare = self._spare, None
        if process is not None:
            await _end(process)

    async def _ask(self, process: Process, reader: str | None) -> tuple[IdentityCandidate, ...]:
        line = b""
        if process.stdin is not None and process.stdout is not None:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                process.stdin.write(identity_wire.request(self._settings.policy, reader, self._settings.professional_readers))
                await process.stdin.drain()
            line = await process.stdout.readline()
        if not line:
            raise CardError(CardProblem.TOO_LARGE, "the reading process ended without an answer")
        return identity_wire.answered(line)


class CardMonitor:
    """Tells when readers and cards come and go, through restarts of pcscd and of its own process."""

    def __init__(self, settings: CardSettings, *, restart_s: float = _RESTART_S, silence_s: float = 2.5 * ALIVE_S) -> None:
        self._settings = settings
        self._restart_s = restart_s
        self._silence_s = silence_s
        self._insertions = 0
        self._current: dict[str, int] = {}

    async def events(self) -> AsyncIterator[CardEvent]:
        """Yield events until closed. When the monitor itself fails, cards and readers are told as gone, and it starts again."""
        while True:
            process = await _start("kiosk.links.smart_card_monitor")
            try:
                async for seen, reader in self._lines(process):
                    yield self._event(seen, reader)
            finally:
                await _end(process)
            for reader in list(self._current):
                yield self._event(Seen.CARD_OUT, reader)
            yield CardEvent(Seen.SERVICE_LOST)
            await asyncio.sleep(self._restart_s)

    async def _lines(self, process: Process) -> AsyncIterator[tuple[Seen, str]]:
        """What the process says, until it ends or says nothing for too long."""
        output = process.stdout
        while output is not None:
            try:
                async with asyncio.timeout(self._silence_s):
                    line = await output.readline()
            except TimeoutError:
                return
            if not line:
                return
            said = json.loads(line)
            if said["seen"] != Seen.ALIVE:
                yield Seen(said["seen"]), said["reader"]

    def _event(self, seen: Seen, reader: str) -> CardEvent:
        if seen in {Seen.CARD_IN, Seen.CARD_MUTE, Seen.CARD_SWAPPED}:
            self._insertions += 1
            self._current[reader] = self._insertions
        insertion = self._current.get(reader, 0)
        if seen is Seen.CARD_OUT:
            self._current.pop(reader, None)
        professional = is_professional_reader(reader, self._settings.professional_readers)
        return CardEvent(seen, reader, Role.PROFESSIONAL if professional else Role.PATIENT, insertion)


async def _start(module: str) -> Process:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(sys.executable, "-m", module, stdin=pipe, stdout=pipe, limit=_LONGEST_ANSWER)


async def _wait_until_ready(process: Process) -> None:
    try:
        async with asyncio.timeout(_START_S):
            line = b"" if process.stdout is None else await process.stdout.readline()
    except TimeoutError:
        line = b""
    if line != READY:
        raise CardError(CardProblem.SERVICE_LOST, "the reading process did not start")


async def _end(process: Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    await process.wait()

"""What the booth has done apart, so that its desk never waits: a card read once more, INSi asked, a copy printed, the disk searched, a chime."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from kiosk.chime import wav
from kiosk.consultation.identity import IdentityError, InsiError, look_up
from kiosk.consultation.record import parse
from kiosk.consultation.record_pdf import FontError, as_pdf
from kiosk.storage import DIRECTORY

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from drivers.identity import IdentityCandidate
    from kiosk.booth.desk import Booth
    from kiosk.consultation.identity import InsiService, PatientIdentity
    from kiosk.links.link import Clock
    from kiosk.settings import Settings

_log = logging.getLogger(__name__)
#: a printer or a loudspeaker that has not taken what it is given by then does not get it
COMMAND_S = 30.0
#: a search that takes longer is given up, and said so
SEARCH_S = 300.0


class Cards(Protocol):
    """Who can read a card once more."""

    async def is_still(self, candidate: IdentityCandidate) -> bool:
        """Whether the card in the reader names the candidate."""


class Errands:
    """Runs each errand as a task and tells the booth what came of it. `booth` is set before the first one."""

    booth: Booth

    def __init__(self, settings: Settings, clock: Clock, cards: Cards | None, insi: InsiService | None) -> None:
        self._settings, self._clock, self._cards, self._insi = settings, clock, cards, insi
        self._tasks: set[asyncio.Task[None]] = set()

    def _send(self, errand: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(errand)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @property
    def busy(self) -> tuple[asyncio.Task[None], ...]:
        """What is under way."""
        return tuple(self._tasks)

    async def aclose(self) -> None:
        """Give up what is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def check_card(self, candidate: IdentityCandidate) -> None:
        """Read the card once more."""
        self._send(self._check(candidate))

    async def _check(self, candidate: IdentityCandidate) -> None:
        still = self._cards is not None and await self._cards.is_still(candidate)
        self.booth.card_checked(candidate, still=still)

    def ask_insi(self, identity: PatientIdentity) -> None:
        """Look an identity up; without an INSi it stays as it is."""
        if self._insi is not None:
            self._send(self._ask(self._insi, identity))

    async def _ask(self, insi: InsiService, identity: PatientIdentity) -> None:
        answer: PatientIdentity | IdentityError | InsiError
        try:
            answer = await look_up(identity, insi, self._clock.now().wall, test=self._settings.training)
        except (IdentityError, InsiError) as error:
            answer = error
        self.booth.insi_answered(identity, answer)

    def print_copy(self, record: bytes) -> None:
        """Print the patient's copy. It goes to the printer's command through a pipe, and nowhere else."""
        self._send(self._print(record))

    async def _print(self, record: bytes) -> None:
        done = False
        with contextlib.suppress(FontError, OSError, TimeoutError):
            pdf = await asyncio.to_thread(lambda: as_pdf(parse(record)))
            done = await _piped(self._settings.patient_copy, pdf)
        if not done:
            _log.warning("the patient's copy was not printed")
        self.booth.copy_printed(done=done)

    def check_erased(self, consultation: str, values: tuple[str, ...]) -> None:
        """Search the state directory and the places of the settings for what must be gone: `telecabine erase --check`, values through a pipe."""
        self._send(self._search(consultation, values))

    async def _search(self, consultation: str, values: tuple[str, ...]) -> None:
        state = Path(self._settings.state_directory)
        known = f"{self._settings.pharmacy} {self._settings.helper}".encode() + await asyncio.to_thread(_read, state / DIRECTORY)
        #: what stands in the settings or in the directory of professionals is no trace of a patient of the same name
        own = [value for value in values if value.encode() not in known]
        command = (sys.executable, "-m", "kiosk.commands.erase", "--check", str(state), *self._settings.erase_places)
        status, said = None, b""
        with contextlib.suppress(OSError, TimeoutError):
            status, said = await _asked(command, "\n".join(own).encode())
        if status != 0:
            _log.error("the search after the erasure: %s", said.decode(errors="replace").strip() or "it did not run")
        outcome: Literal["clean", "found", "failed"] = "clean" if status == 0 else "found" if status == 1 else "failed"
        self.booth.erasure_checked(consultation, outcome, len(own))

    def chime(self) -> None:
        """Sound a warning."""
        self._send(self._chime())

    async def _chime(self) -> None:
        done = False
        with contextlib.suppress(OSError, TimeoutError):
            done = await _piped(self._settings.chime, wav())
        if not done:
            _log.warning("a warning was not heard: %s did not play it", self._settings.chime[:1])


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


async def _asked(command: tuple[str, ...], data: bytes) -> tuple[int | None, bytes]:
    """Exit status and what a command said. Raises OSError where there is no such command, TimeoutError."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.STDOUT)
    try:
        async with asyncio.timeout(SEARCH_S):
            said, _ = await process.communicate(data)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode, said


async def _piped(command: tuple[str, ...], data: bytes) -> bool:
    """Whether a command took `data` on its standard input. Raises OSError where there is no such command, TimeoutError."""
    if not command:
        return False
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.PIPE, stdout=quiet, stderr=quiet)
    try:
        async with asyncio.timeout(COMMAND_S):
            await process.communicate(data)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode == 0

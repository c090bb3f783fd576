"""The booth's camera as a reader of identity codes, for the agent: on only while it is asked to be, in a process of its own that is killed."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drivers.identity import CodeError, CodeProblem, IdentityCandidate
from kiosk.links import identity_wire

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Sequence

_LONGEST_ANSWER = 1 << 16


@dataclass(frozen=True, slots=True)
class CodeCameraState:
    """Whether the camera looks for a code: it gives pictures now, or is off."""

    up: bool


class CodeCamera:
    """Looks for a code while it is switched on. `command` starts `kiosk.code_reader` or what speaks like it."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._on = asyncio.Event()
        self._process: Process | None = None

    def switch(self, *, on: bool) -> None:
        """Open the camera, or free it at once: what its process held is gone, and what it has said is not heard any more."""
        if on:
            self._on.set()
            return
        self._on.clear()
        process, self._process = self._process, None
        if process is not None:
            _kill(process)

    async def events(self) -> AsyncIterator[IdentityCandidate | CodeError | CodeCameraState]:
        """Yield when the camera is up and off, what is refused, and at most one candidate a switching on. Runs until it is closed."""
        while True:
            await self._on.wait()
            pipe = asyncio.subprocess.PIPE
            process = await asyncio.create_subprocess_exec(
                *self._command, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, limit=_LONGEST_ANSWER
            )
            self._process = process if self._on.is_set() else None
            found = False
            try:
                while self._process is process and (line := await _line(process)):
                    if self._process is process:
                        said = _meaning(line)
                        found = found or isinstance(said, IdentityCandidate)
                        yield said
            finally:
                _kill(process)
                await process.wait()
            if self._process is process:
                self.switch(on=False)
                if not found:
                    yield CodeError(CodeProblem.IMAGE)
            if not self._on.is_set():
                yield CodeCameraState(up=False)


def _kill(process: Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()


async def _line(process: Process) -> bytes:
    return b"" if process.stdout is None else await process.stdout.readline()


def _meaning(line: bytes) -> IdentityCandidate | CodeError | CodeCameraState:
    if line == identity_wire.UP:
        return CodeCameraState(up=True)
    try:
        return identity_wire.answered(line)[0]
    except CodeError as error:
        return error

"""Fetches the stored records of a meter over its control point: one `drivers.gatt.record_access.Procedure` after another.

The count is asked first, then what is new since the meter was last read to the end. The newest record alone is asked for where the meter was
never read, where it has nothing new (its number tells whether it was emptied and counts anew), and where it takes no other question. A device
that cannot report its newest record alone is asked for all: once, and again when the last one that is known is gone from it.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from drivers.driver import DecodeError
from drivers.gatt.record_access import TIME_OUT_S, Procedure, Questions, Reply, Result

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_log = logging.getLogger(__name__)
#: the meter understands the control point, but not this question
_NOT_THIS = frozenset(
    {
        Result.OP_CODE_NOT_SUPPORTED,
        Result.INVALID_OPERATOR,
        Result.OPERATOR_NOT_SUPPORTED,
        Result.INVALID_OPERAND,
        Result.OPERAND_NOT_SUPPORTED,
    }
)


class Records:
    """The control point of one connection; `send` writes to it, `questions` are in the words of its service."""

    def __init__(self, send: Callable[[bytes], Awaitable[None]], questions: Questions, time_out_s: float = TIME_OUT_S) -> None:
        self._send, self._questions, self._procedure = send, questions, Procedure(time_out_s)
        self._loop = asyncio.get_running_loop()
        self._answer: asyncio.Future[Reply] = self._loop.create_future()

    def answered(self, data: bytes) -> None:
        """Take an indication of the control point; what is no reply is logged and left out."""
        try:
            reply = self._procedure.receive(data)
        except DecodeError as error:
            _log.warning("an answer of the control point is refused: %s", error)
            return
        if reply is not None and not self._answer.done():
            self._answer.set_result(reply)

    def came(self) -> None:
        """Note that a record came."""
        self._procedure.record(self._loop.time())

    async def fetch(self, mark: int | None) -> Result:
        """Ask for every record above the number `mark`, None where none is known, and return how it ended, once all have come.

        Raises what `send` raises.
        """
        if mark is None:
            return await self._newest()
        counted = await self._ask(self._questions.count(mark + 1))
        if _none(counted):
            return await self._nothing_new(mark)
        if counted.result in (Result.TIMED_OUT, Result.SERVER_BUSY):
            return counted.result
        ended = await self._report(self._questions.since(mark + 1))
        return await self._newest() if ended in _NOT_THIS else ended

    async def _newest(self) -> Result:
        ended = await self._report(self._questions.newest())
        return await self._report(self._questions.every()) if ended in _NOT_THIS else ended

    async def _nothing_new(self, mark: int) -> Result:
        newest = await self._report(self._questions.newest())
        if newest in _NOT_THIS and _none(await self._ask(self._questions.count(mark))):
            return await self._report(self._questions.every())
        return Result.NO_RECORDS if newest in (Result.SUCCESS, *_NOT_THIS) else newest

    async def _report(self, command: bytes) -> Result:
        answer = await self._ask(command)
        if answer.number is not None:  # a combined report says how many it sent
            return Result.SUCCESS if answer.number else Result.NO_RECORDS
        return answer.result or Result.NOT_COMPLETED

    def goodbye(self) -> tuple[bytes, ...]:
        """What stops the procedure that runs: a meter that still reports may refuse the first question of the next connection."""
        return (self._procedure.abort(self._loop.time()),) if self._procedure.running else ()

    async def _ask(self, command: bytes) -> Reply:
        self._answer = self._loop.create_future()
        await self._send(self._procedure.start(command, self._loop.time()))
        while True:
            try:
                async with asyncio.timeout_at(self._procedure.deadline):
                    return await asyncio.shield(self._answer)
            except TimeoutError:
                expired = self._procedure.expire(self._loop.time())
                if expired is not None:
                    return expired


def _none(counted: Reply) -> bool:
    return counted.number == 0 or counted.result is Result.NO_RECORDS

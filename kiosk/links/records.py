"""Fetches the stored records of a meter over its control point: one `drivers.gatt.record_access.Procedure` after another.

The count is asked first, then what is new since the meter was last read to the end. The newest record alone is asked for where the meter was
never read, where it has nothing new (its number tells whether it was emptied and counts anew), and where it takes no other question.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from drivers.driver import DecodeError
from drivers.gatt.record_access import TIME_OUT_S, HighWaterMark, Procedure, Reply, Result, report_last

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
    """The control point of one connection; `send` writes to it."""

    def __init__(self, send: Callable[[bytes], Awaitable[None]], time_out_s: float = TIME_OUT_S) -> None:
        self._send, self._procedure = send, Procedure(time_out_s)
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

    async def fetch(self, mark: HighWaterMark | None) -> Result:
        """Ask for every record above `mark`, None where none is known, and return how it ended, once all have come.

        Raises what `send` raises.
        """
        if mark is None:
            return await self._report(report_last())
        counted = await self._ask(mark.count())
        if counted.number == 0 or counted.result is Result.NO_RECORDS:
            newest = await self._report(report_last())
            return Result.NO_RECORDS if newest is Result.SUCCESS else newest
        if counted.result in (Result.TIMED_OUT, Result.SERVER_BUSY):
            return counted.result
        ended = await self._report(mark.report())
        return await self._report(report_last()) if ended in _NOT_THIS else ended

    async def _report(self, command: bytes) -> Result:
        return (await self._ask(command)).result or Result.NOT_COMPLETED

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

"""A small socket through which a script plays simulated devices and asks a simulated booth how it is. JSON lines, one answer a request."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


async def serve(path: Path, handle: Callable[[dict[str, Any]], dict[str, Any]]) -> asyncio.Server:
    """Answer requests on the unix socket `path` (a stale one is replaced); a ValueError of `handle` is the answer {"error": ...}."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            try:
                answer = handle(json.loads(line))
            except ValueError as error:
                answer = {"error": str(error)}
            writer.write(json.dumps(answer).encode() + b"\n")
        writer.close()

    return await asyncio.start_unix_server(connected, path)


class Control:
    """The asking end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, **request: Any) -> dict[str, Any]:
        """One request, its answer.

        Raises:
            ValueError: the answer is an error, or the other side is gone.
        """
        if self._writer is None or self._reader is None:
            self._reader, self._writer = await asyncio.open_unix_connection(self._path)
        self._writer.write(json.dumps(request).encode() + b"\n")
        line = await self._reader.readline()
        if not line:
            raise ValueError("the booth has closed its control socket")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise ValueError(str(answer["error"]))
        return answer

    def close(self) -> None:
        """Close the socket."""
        if self._writer is not None:
            self._writer.close()

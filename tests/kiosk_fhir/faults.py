"""A bad line to a real server: a proxy on loopback that cuts, delays, answers for the server or forwards, as it is told."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field

from aiohttp import ClientSession, web

KINDS = ("cut before", "cut after", "500", "503", "garbage", "other json", "slow", "half", "redirect")


@dataclass
class Line:
    """What happens to the next requests, in order; afterwards everything is forwarded. `seen` counts requests, `reached` those forwarded."""

    target: str
    faults: list[str] = field(default_factory=list)
    seen: int = 0
    reached: int = 0
    patience: float = 30.0

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Carry one request, or spoil it."""
        self.seen += 1
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "cut before":
            return self._cut(request)
        if fault in ("500", "503"):
            return web.Response(status=int(fault), headers={"Retry-After": "1"} if fault == "503" else {})
        if fault == "redirect":
            return web.Response(status=307, headers={"Location": "http://127.0.0.1:1/elsewhere"})
        if fault == "slow":
            await asyncio.sleep(self.patience)
        status, body = await self._forward(request)
        if fault == "cut after":
            return self._cut(request)
        if fault == "garbage":
            return web.Response(status=200, body=b"<html>welcome</html>")
        if fault == "other json":
            return web.json_response({"resourceType": "Patient"})
        if fault == "half":
            return web.Response(status=200, body=body[: len(body) // 2])
        return web.Response(status=status, body=body)

    def _cut(self, request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async def _forward(self, request: web.Request) -> tuple[int, bytes]:
        self.reached += 1
        async with ClientSession() as session, session.post(self.target, data=await request.read(), headers=_kept(request)) as answer:
            return answer.status, await answer.read()


def _kept(request: web.Request) -> dict[str, str]:
    return {name: value for name, value in request.headers.items() if name in ("Content-Type", "Authorization", "Accept")}


@contextlib.asynccontextmanager
async def bad_line(line: Line):  # type: ignore[no-untyped-def] # the type of an async context manager says nothing more
    """Serve `line` on loopback; yields its address."""
    application = web.Application(client_max_size=2**26)
    application.router.add_post("/fhir", line.handle)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/fhir"
    finally:
        await runner.cleanup()

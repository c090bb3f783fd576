"""What runs in a namespace: `page` serves the test page and its pictures on 127.0.0.1; `values FILE` receives the booth's values on 10.77.0.2."""

from __future__ import annotations

import io
import json
import sys
import time
from pathlib import Path

from aiohttp import web

from simulators.camera import render

PAGE_PORT, VALUES_PORT = 8080, 8081


def page_application(width: int, height: int) -> web.Application:
    """The page, and thirty pictures of the scene as JPEG."""
    pictures = []
    for frame in render(width, height):
        out = io.BytesIO()
        frame.to_image().save(out, "JPEG", quality=92)
        pictures.append(out.getvalue())
    text = (Path(__file__).parent / "page.html").read_text(encoding="utf-8")

    async def page(_: web.Request) -> web.Response:
        return web.Response(text=text, content_type="text/html")

    async def picture(request: web.Request) -> web.Response:
        return web.Response(body=pictures[int(request.match_info["number"])], content_type="image/jpeg")

    application = web.Application()
    application.add_routes([web.get("/", page), web.get("/{number:\\d+}.jpg", picture)])
    return application


def values_application(file: Path) -> web.Application:
    """Receives values over a WebSocket and writes when each was due and when it came."""
    out = file.open("w", encoding="utf-8")

    async def values(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        async for message in socket:
            came = time.time()
            given = json.loads(message.data)
            out.write(json.dumps({"kind": given["kind"], "number": given["number"], "due": given["due"], "came": came}) + "\n")
            out.flush()
        return socket

    application = web.Application()
    application.add_routes([web.get("/", values)])
    return application


if __name__ == "__main__":
    if sys.argv[1] == "page":
        width, height = (int(part) for part in sys.argv[2].split("x"))
        web.run_app(page_application(width, height), host="127.0.0.1", port=PAGE_PORT, print=None)
    else:
        web.run_app(values_application(Path(sys.argv[2])), host="10.77.0.2", port=VALUES_PORT, print=None)

"""Serves the test page and its pictures on 127.0.0.1 of a namespace: `python -m bench.rural.host WIDTHxHEIGHT`."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from aiohttp import web

from simulators.camera import render

PAGE_PORT = 8080


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


if __name__ == "__main__":
    width, height = (int(part) for part in sys.argv[1].split("x"))
    web.run_app(page_application(width, height), host="127.0.0.1", port=PAGE_PORT, print=None)

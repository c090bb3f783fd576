"""The booth's values during the call: ten numbers and ten pieces of an ECG a second on one WebSocket. Each carries the time it was due, so waiting counts.

The messages are 80 and 250 octets long. There is no guard against back-pressure here: what the link does to the values is what is measured.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

import aiohttp

from bench.rural.host import VALUES_PORT
from bench.rural.wire import SPECIALIST

PERIOD = 0.1
KINDS = {"number": 80, "curve": 250}


async def send() -> None:
    """Send until the other side is gone."""
    async with aiohttp.ClientSession() as session, session.ws_connect(f"http://{SPECIALIST}:{VALUES_PORT}/", compress=0) as socket:
        sys.stdout.write("up\n")
        sys.stdout.flush()
        start, number = time.time(), 0
        while True:
            due = start + number * PERIOD
            await asyncio.sleep(max(0.0, due - time.time()))
            for kind, length in KINDS.items():
                text = json.dumps({"kind": kind, "number": number, "due": due})
                await socket.send_str(text[:-1] + ', "filler": "' + "x" * max(0, length - len(text) - 14) + '"}')
            number += 1


if __name__ == "__main__":
    asyncio.run(send())

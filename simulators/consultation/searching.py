"""What must be nowhere: looked for in the station's memory and in all it has seen, and in what the booth keeps afterwards."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import TYPE_CHECKING

from kiosk.consultation.erase import forms, scan, search, text_forms
from simulators.consultation.arriving import FAMILY
from simulators.consultation.closing import ANSWER, CANARY, NOTE, REPORT
from simulators.consultation.memory_image import memory_image, standing
from simulators.consultation.opening import DOCTOR
from simulators.consultation.step import NotObservedError

if TYPE_CHECKING:
    from simulators.consultation.arriving import Arriving
    from simulators.consultation.closing import Closing
    from simulators.consultation.stage import Stage

PLANTED = "canary-planted-by-a-client-8c1f"
#: frames shorter than this are found by chance in enough random octets
SHORTEST_FRAME = 5
#: of a memory so many frames, sounds and photographs are looked for, the longest
LONGEST = 4
#: octets of each sound and photograph that are looked for
PIECE = 64


class Searching:
    """Each search has something to find, or it proves nothing."""

    def __init__(self, stage: Stage, arriving: Arriving, closing: Closing) -> None:
        self._stage, self._house, self._arriving, self._closing = stage, stage.house, arriving, closing
        self._dumped = b""

    def _texts(self) -> list[tuple[bytes, ...]]:
        code = self._arriving.code
        spellings = (code, code.replace(" ", "")) if code else ()
        return [text_forms(text) for text in (FAMILY, NOTE, ANSWER, REPORT, CANARY, *spellings)]

    def _octets(self) -> list[tuple[bytes, ...]]:
        lines = self._house.frames.read_text().splitlines() if self._house.frames.exists() else []
        frames = {bytes.fromhex(line) for line in lines}
        return [forms(piece) for piece in self._media()] + [forms(frame) for frame in frames if len(frame) >= SHORTEST_FRAME]

    def _media(self) -> list[bytes]:
        """A piece of each sound and photograph that the page has exported."""
        path = self._closing.bundle
        entries = json.loads(path.read_text(encoding="utf-8"))["entry"] if path.exists() else []
        files = [base64.b64decode(one["resource"]["content"]["data"]) for one in entries if one["resource"]["resourceType"] == "Media"]
        return [max((file[at : at + PIECE] for at in range(PIECE, len(file) - PIECE, PIECE)), key=_variety) for file in files]

    async def dump(self) -> None:
        """Keep the station's memory as a crash would now, after everything of a consultation has gone through it."""
        self._dumped = memory_image(self._house.processes["station"].pid)

    async def dump_holds_nothing(self) -> str:
        """Of the consultation; the specialist's name, which the station knows, is there."""
        if not standing([text_forms(DOCTOR)], self._dumped):
            raise NotObservedError("the specialist's name, which the station knows, was not found in its memory: the search proves nothing")
        needles = self._texts() + sorted(self._octets(), key=lambda form: len(form[0]))[-LONGEST:]
        hits = await asyncio.to_thread(standing, needles, self._dumped)
        if hits:
            raise NotObservedError(f"a crash dump of the station would hold {len(hits)} of {len(needles)} needles")
        return f"{len(self._dumped)} octets of memory, {len(needles)} needles: none found; the specialist's name was"

    async def nothing_is_left(self) -> str:
        """In the booth's state directory and logs, once the next patient may come."""
        await self._stage.hand.until("newConsultation", lambda item: item.visible, "the welcome")
        needles = self._texts() + self._octets()
        hits = scan(self._house.state, needles) + scan(self._house.logs, needles)
        if hits:
            raise NotObservedError(f"left on the booth: {hits[:5]}")
        return f"{len(needles)} needles, none in the booth's state and logs"

    async def plant(self) -> None:
        """Let the station see a text in the clear."""
        async with (
            self._house.session() as session,
            session.ws_connect(self._house.origin + "/specialist", origin=self._house.page_origin) as socket,
        ):
            await socket.send_str(PLANTED)
            await socket.receive()

    async def station_saw_nothing(self) -> str:
        """In every message that it has seen and all that it keeps, but for what was planted."""
        await self._house.stop()
        tap = self._house.tap.read_bytes()
        files = [self._house.database, *self._house.folder.glob(f"{self._house.database.name}-*"), self._house.logs / "station.log"]
        everything = tap + b"".join(path.read_bytes() for path in files if path.exists())
        (self._stage.out / "station-tap.bin").write_bytes(everything)
        if not list(search(everything, [text_forms(PLANTED)], "tap")):
            raise NotObservedError("the planted canary was not found: the search proves nothing")
        needles = self._texts() + self._octets()
        hits = list(search(everything, needles, "tap"))
        if hits:
            raise NotObservedError(f"the station has seen {len(hits)} of {len(needles)} needles")
        return f"{len(everything)} octets, {len(needles)} needles: none found; the planted canary was"


def _variety(octets: bytes) -> int:
    """How many different octets there are: silence is found anywhere."""
    return len(set(octets))

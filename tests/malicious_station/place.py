"""Where the page is attacked: a station whose page may lack checks, and the station itself in a booth's place, which may look less closely than a booth."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from tests.malicious_station.weakened import page_without, weakened
from tests.station.booth_peer import BoothPeer
from tests.station.running import RunningStation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from tests.station.browser import Specialist

#: file of the page, a check in it, what stands there without it
Check = tuple[str, str, str]
SIGNATURE: Check = (
    "data/handshake.ts",
    'if (!sodium.crypto_sign_verify_detached(signature, statement("booth", keys.transcript), unbase64(hello.identity)))',
    "if (false as boolean)",
)
#: what a booth looks at in the page's last message of the handshake
_LOOKS = {
    "confirmation": ("if not hmac.compare_digest(reveal.confirmation, expected):", "if False:"),
    "signature": ('if not verify(hello.identity, transcript.statement("specialist", digest), reveal.signature):', "if False:"),
    "commitment": ("if transcript.commitment(reveal.nonce) != hello.commitment:", "if False:"),
}


def blind(*looks: str, **replaced: Any) -> Any:
    """The booth's end of the handshake without these looks, so that the page's own check is alone."""
    return weakened("kiosk.secure.handshake", *(_LOOKS[look] for look in looks), **replaced).BoothHandshake


async def built(folder: Path, *without: Check) -> dict[str, Any]:
    """Of a `RunningStation`: its page is without these checks."""
    return {"page": await page_without(folder, *without)} if without else {}


@asynccontextmanager
async def place(folder: Path, checks: Mapping[str, Check], *without: str) -> AsyncIterator[tuple[RunningStation, BoothPeer]]:
    """A station whose page is without these of the checks, and somebody in a booth's place."""
    folder = folder / ("-".join(without) or "whole")
    folder.mkdir()
    async with AsyncExitStack() as stack:
        page = await built(folder, *(checks[check] for check in without))
        station = await stack.enter_async_context(RunningStation(folder / "station.sqlite", **page))
        yield station, await stack.enter_async_context(BoothPeer(station.origin, station.booth_keys))


async def says(specialist: Specialist, french: str, english: str) -> None:
    """The page says so, in both languages."""
    await specialist.sees(french)
    await specialist.press("English")
    await specialist.sees(english)

"""The recorded vectors that pytest runs for the booth (tests/kiosk/secure/test_vectors.py), run by the page's code in Chromium. Needs F000-08, F004-25."""

from __future__ import annotations

import asyncio
import base64
import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import pytest_asyncio

from kiosk.secure import prekeys
from protocol.handshake import Prekey
from tests.station.running import RunningStation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, Page

pytestmark = pytest.mark.asyncio(loop_scope="module")
ROOT = Path(__file__).parents[2]
VECTORS: dict[str, Any] = json.loads((ROOT / "tests/vectors/crypto.json").read_text())


@asynccontextmanager
async def bundled(browser: Browser, source: str, folder: Path) -> AsyncIterator[Page]:
    """A page with this file of station/page/tests and all that it imports."""
    (folder / "page").mkdir()
    (folder / "page/index.html").write_text('<script type="module" src="/bundle.js"></script>')
    esbuild = ROOT / "station/page/node_modules/.bin/esbuild"
    bundling = await asyncio.create_subprocess_exec(
        str(esbuild), f"tests/{source}", "--bundle", "--format=esm", "--target=es2022", "--log-level=error", f"--outfile={folder}/page/bundle.js",
        cwd=ROOT / "station/page",
    )  # fmt: skip
    assert await bundling.wait() == 0
    async with RunningStation(folder / "s.sqlite", page=folder / "page") as station:
        opened = await browser.new_page()
        await opened.goto(station.origin)
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, tmp_path: Path) -> AsyncIterator[Page]:
    async with bundled(browser, "vectors.ts", tmp_path) as opened:
        yield opened


async def test_the_page_computes_what_the_booth_computes(page: Page) -> None:
    got = await page.evaluate("(vectors) => results(vectors)", VECTORS)
    assert got["commitment"] == VECTORS["commitment"]
    assert got["transcript"] == VECTORS["transcript"]
    assert got["receive_key"] == VECTORS["receive_key"]
    assert got["digits"] == VECTORS["authentication_string"]
    assert got["opened"] == [{"plaintext": each["plaintext"], "final": each["final"]} for each in VECTORS["from_booth"]]
    assert got["payload"] == VECTORS["envelope_payload"]
    assert got["receipt"] == VECTORS["receipt"]["signature"]
    assert got["agreed"] == ""


async def test_the_page_reads_the_octets_of_a_sound(page: Page) -> None:
    """The vector that tests/protocol/test_sound.py runs for the booth."""
    vector = json.loads((ROOT / "tests/vectors/sound.json").read_text())
    got = await page.evaluate("(vector) => sounds(vector)", vector)
    assert {name: got[name] for name in ("sequence", "received", "samples")} == {name: vector[name] for name in vector if name != "octets"}
    assert len(got["refusals"]) == 6
    assert all("stream-malformed" in refusal for refusal in got["refusals"])


async def test_whatever_was_changed_is_refused_with_one_error(page: Page) -> None:
    refusals = (await page.evaluate("(vectors) => results(vectors)", VECTORS))["refusals"]
    streams = ("altered", "out_of_order", "repeated", "after_failure", "after_final", "too_short")
    assert {refusals[name].split(":")[0] for name in streams} == {"stream-altered"}
    assert refusals["own_after_final"].startswith("stream-cut")
    assert refusals["envelope_altered"] == "not sealed for this page, or altered"
    assert refusals["envelope_other_id"] == "a malformed header"
    assert refusals["envelope_other_booth"] == "not signed by this booth"
    assert refusals["envelope_other_version"] == "an unknown version"
    assert refusals["envelope_cut"] == "not sealed for this page, or altered"


async def test_the_page_believes_the_directories_that_the_booth_believes(page: Page) -> None:
    """The vectors that tests/kiosk/secure/test_directory.py runs for the booth."""
    vectors = json.loads((ROOT / "tests/vectors/directory.json").read_text())
    got = await page.evaluate("(vectors) => directories(vectors)", vectors)
    assert (got["name"], got["role"], got["fingerprint"]) == ("Dr Zoë Févre", "cardiologie", vectors["fingerprint"])
    assert got["request"] == vectors["request"]
    expected = {name: reason for name, (_, reason) in vectors["bad"].items() if reason != "?"}
    assert {name: got["refusals"][name] for name in expected} == expected
    assert got["refusals"]["one_bit"] in ("directory-signature", "directory-malformed")
    assert got["reasons"] == ["key-not-listed", "key-revoked", "key-other-kind", "key-not-yet-valid", "key-expired", "directory-expired"]
    assert (got["rotated"], got["recovered"], got["same"]) == (9, 1, None)
    assert (got["forked"], got["other_history"]) == ("directory-forked", "directory-forked")
    assert (got["old_after_recovery"], got["below_the_pin"]) == ("directory-old", "directory-old")


async def test_the_page_makes_a_prekey_a_week_and_forgets_it_when_nothing_can_wait_for_it(page: Page) -> None:
    """What was sealed to a prekey opens until 30 days after its week, and never again; its private half cannot be taken out of the browser."""
    start = 1_790_000_000_000
    got = await page.evaluate("(start) => weeks(start)", start)
    prekey = msgspec.convert(got["first"], Prekey)
    at = datetime.fromtimestamp(start / 1000, UTC)
    assert prekeys.checked(base64.b64decode(got["identity"]), prekey, at) == prekey.key
    assert (got["sameWeek"], got["again"], got["changed"]) == (True, True, True)
    assert (got["nextWeek"], got["lastDay"], got["after"]) == (True, True, False)
    assert "not extractable" in got["taken"]
    assert got["kept"] == 6


@pytest.mark.parametrize(
    "text",
    ['{"value":36.840}', '{"a":[-0.10,1e3,1E-2],"b":"36.5 and -2","c":"\\\\1.50"}', '[0.1000000000000000055511151231257827,12345678901234567890]', '{"1.0":"1.0"}'],
)  # fmt: skip
async def test_no_digit_of_a_number_is_lost(page: Page, text: str) -> None:
    assert (await page.evaluate("(text) => exact(text)", text)).replace("\n", "").replace(" ", "") == text.replace(" ", "")


async def test_the_page_reads_the_curves_that_the_booth_writes(page: Page) -> None:
    """The frames that tests/protocol/test_curve_frame.py runs for the booth, each with padding after it."""
    vectors = json.loads((ROOT / "tests/vectors/curve-frame.json").read_text())
    frames = [row["frame"] + "2020" for row in vectors["good"]] + vectors["bad"]
    got = await page.evaluate("(frames) => curves(frames)", frames)
    assert got == [row["curve"] for row in vectors["good"]] + ["refused"] * len(vectors["bad"])

"""The page's codes, CPace and list of what is resumed, in Chromium, against the draft's vectors and the booth's own code. Needs F004-31, F004-28."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import pytest_asyncio

from kiosk.secure import codes, cpace, transcript
from kiosk.secure.errors import CodeError
from kiosk.secure.handshake import CHANNEL
from kiosk.secure.resumption import Resumption
from protocol import specialist as sp
from tests.station.test_vectors import bundled

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, Page

pytestmark = pytest.mark.asyncio(loop_scope="module")
VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors/cpace.json").read_text())
SESSION = "c0ffee00-0000"


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, tmp_path: Path) -> AsyncIterator[Page]:
    async with bundled(browser, "codes.ts", tmp_path) as opened:
        yield opened


async def test_the_page_s_cpace_is_that_of_the_draft(page: Page) -> None:
    """The vectors that tests/kiosk/secure/test_cpace.py runs for the booth."""
    got = await page.evaluate("(vectors) => cpace(vectors)", VECTORS)
    assert got["generator_string"] == VECTORS["generator_string"]
    assert {name: got[name] for name in ("g", "Ya", "Yb", "K", "ISK_IR")} == {
        n: VECTORS["run"][n] for n in ("g", "Ya", "Yb", "K", "ISK_IR")
    }
    assert got["valid"] == VECTORS["points"]["Valid"]["G.scalar_mult_vfy(s,X)"]
    assert got["refused"] == [True] * 4


@pytest.mark.parametrize(("typed", "same"), [("907264", True), ("907265", False)])
async def test_page_and_booth_agree_by_the_digits_and_only_by_them(page: Page, typed: str, same: bool) -> None:
    theirs = base64.b64decode(await page.evaluate("([...all]) => begin(...all)", ["907264", CHANNEL.decode(), SESSION]))
    scalar = cpace.sample_scalar()
    ours = cpace.share(scalar, cpace.generator(typed.encode(), CHANNEL, SESSION.encode()))
    digest = bytes(range(32))
    got = await page.evaluate("([...all]) => finish(...all)", [base64.b64encode(ours).decode(), base64.b64encode(digest).decode()])
    key = cpace.intermediate_key(scalar, theirs, SESSION.encode(), cpace.transcript_ir(theirs, ours))
    assert (base64.b64decode(got["key"]) == key) is same
    assert (base64.b64decode(got["confirmation"]) == transcript.confirmation("specialist", digest, key)) is same


async def test_both_ends_read_and_write_the_same_codes(page: Page) -> None:
    link = codes.link("48213").text
    texts = ["48213 907 264", "48213907264", "48213-907-264", link, "", "4821390726", "482139072641", "guest.48213.AAA", link + "A"]
    for text, got in zip(texts, await page.evaluate("(texts) => read(texts)", texts), strict=True):
        try:
            code = codes.read(text)
        except CodeError:
            assert got is None, text
        else:
            assert got == [code.place, base64.b64encode(code.secret).decode(), code.kind, code.text, "true"]
    made = {await page.evaluate("(place) => fresh(place)", "48213") for _ in range(8)}
    assert len(made) > 1
    assert {codes.read(text).place for text in made} == {"48213"}


async def test_both_lists_of_what_is_resumed_take_the_same_steps(page: Page) -> None:
    """Numbered messages only; after a cut what came after; all of it when the other end has begun anew."""
    texts = [sp.Text(f"line {number}", number) for number in range(4)]
    steps: list[tuple[str, Any]] = [
        ("begin", None),
        *(("keep", text) for text in texts),
        ("resumed", sp.Resume("theirs", "own", 3)),
        ("had", sp.Text("hello", 9)),
        ("had", sp.Draft("not numbered")),
        ("begin", None),
        ("resumed", sp.Resume("theirs", "own", 0)),
        ("resumed", sp.Resume("anew", "", 0)),
        ("begin", None),
    ]
    own, expected = Resumption("own"), []
    for step, message in steps:
        if step == "begin":
            expected.append(msgspec.to_builtins(own.begin()))
        elif step == "resumed":
            expected.append(msgspec.to_builtins(own.resumed(message)))
        else:
            getattr(own, step)(message)
            expected.append(None)
    told = [[step] if message is None else [step, msgspec.to_builtins(message)] for step, message in steps]
    assert await page.evaluate("([log, steps]) => resume(log, steps)", ["own", told]) == expected

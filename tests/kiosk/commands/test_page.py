"""The page's code: built alike everywhere, run only as built, signed, and checked at a station. Needs F004-25."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kiosk.cli import main
from kiosk.secure.keys import load_or_create
from tests.station.running import RunningStation

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = Path(__file__).parents[3] / "station/page"


def build(source: Path, out: Path) -> dict[str, bytes]:
    subprocess.run(["node", "build.mjs", str(out)], cwd=source, check=True, capture_output=True)
    return {path.name: path.read_bytes() for path in sorted(out.iterdir())}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("page") / "dist"
    build(PAGE, out)
    return out


def test_two_builds_in_two_places_give_the_same_octets(built: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "another/place"
    shutil.copytree(PAGE, elsewhere, ignore=shutil.ignore_patterns("node_modules", "dist"))
    (elsewhere / "node_modules").symlink_to(PAGE / "node_modules")
    assert build(elsewhere, tmp_path / "out") == {path.name: path.read_bytes() for path in sorted(built.iterdir())}


def test_the_page_names_the_hash_of_its_script_and_sheet(built: Path) -> None:
    index = (built / "index.html").read_text()
    named = re.findall(r'(?:src|href)="/([a-z.]+)"[^>]* integrity="sha384-([^"]+)"', index)
    assert {name for name, _ in named} == {"main.js", "page.css"}
    for name, digest in named:
        assert base64.b64encode(hashlib.sha384((built / name).read_bytes()).digest()).decode() == digest
    assert len(re.findall(r"<script|<link rel=\"stylesheet\"", index)) == len(named)


@pytest.fixture
def signed(built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[Path, str, str]:
    """A signed copy of the page, its published hash, and the publisher's key."""
    page = tmp_path / "signed"
    shutil.copytree(built, page)
    assert main(["page", "sign", str(page), "--key", str(tmp_path / "publisher.key")]) == 0
    said = dict(line.split() for line in capsys.readouterr().out.splitlines())
    assert said["key"] == base64.b64encode(load_or_create(tmp_path / "publisher.key").public).decode()
    return page, said["page"], said["key"]


def test_a_signed_page_is_what_was_published(signed: tuple[Path, str, str], capsys: pytest.CaptureFixture[str]) -> None:
    page, published, key = signed
    assert main(["page", "verify", str(page), "--key", key]) == 0
    assert capsys.readouterr().out.split() == ["page", published]


CHANGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "another script": (lambda page: (page / "main.js").write_text("leak()"), "main.js is another file"),
    "another index": (lambda page: (page / "index.html").write_text("<script src=/x.js>"), "index.html is another file"),
    "a file more": (lambda page: (page / "extra.js").write_text(""), "extra.js was not signed"),
    "a file less": (lambda page: (page / "page.css").unlink(), "page.css is missing"),
    "no manifest": (lambda page: (page / "manifest.json").write_text("{}"), "cannot be read"),
    "another manifest": (
        lambda page: (page / "manifest.json").write_text((page / "manifest.json").read_text().replace('"files":{', '"files":{"x":"",')),
        "not signed by this key",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_was_changed_is_named(signed: tuple[Path, str, str], change: str, capsys: pytest.CaptureFixture[str]) -> None:
    page, _, key = signed
    alter, words = CHANGES[change]
    alter(page)
    assert main(["page", "verify", str(page), "--key", key]) == 1
    assert words in capsys.readouterr().err


def test_another_key_does_not_vouch_for_it(signed: tuple[Path, str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page, _, _ = signed
    other = base64.b64encode(load_or_create(tmp_path / "other.key").public).decode()
    assert main(["page", "verify", str(page), "--key", other]) == 1
    assert "not signed by this key" in capsys.readouterr().err
    for malformed in ("x", ""):
        assert main(["page", "verify", str(page), "--key", malformed]) == 1
    assert main(["page", "sign", str(tmp_path), "--key", str(tmp_path / "other.key")]) == 1
    assert "no built page" in capsys.readouterr().err


async def test_a_station_that_serves_another_page_is_found_out(signed: tuple[Path, str, str], tmp_path: Path) -> None:
    page, _, key = signed
    async with RunningStation(tmp_path / "station.sqlite", page=page) as station:

        async def verify() -> int:
            return await asyncio.to_thread(main, ["page", "verify", station.origin, "--key", key])

        assert await verify() == 0
        (page / "main.js").write_text("leak()")
        await station.stop()
        await station.start()
        assert await verify() == 1
    assert await asyncio.to_thread(main, ["page", "verify", "http://127.0.0.1:9", "--key", key]) == 1

"""The house itself: every room is in every contract, a list of parts is whole, the FHIR folder hides nobody, locks hold hashes and no registry."""

import json
import re
import tomllib
from pathlib import Path

import fhir.resources

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
ROOMS = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"bench"} | {"kiosk_fhir"}


def test_every_room_is_linted_typed_packaged_and_under_contract() -> None:
    assert set(PROJECT["tool"]["importlinter"]["root_packages"]) == ROOMS
    assert set(PROJECT["tool"]["mypy"]["packages"]) == ROOMS
    packaged = {path.rsplit("/", 1)[-1] for path in PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]}
    assert packaged == ROOMS


def test_every_contract_names_every_room_that_it_forbids() -> None:
    contracts = {contract["name"]: contract for contract in PROJECT["tool"]["importlinter"]["contracts"]}
    ours = {"drivers", "kiosk_fhir", "kiosk", "simulators", "station", "ui", "protocol"}
    assert ours == ROOMS
    forbidden = {name: set(contract.get("forbidden_modules", ())) for name, contract in contracts.items()}
    assert ROOMS - {"protocol"} <= forbidden["protocol imports none of us"]
    assert ROOMS - {"protocol", "ui"} <= forbidden["the screen knows messages only"]
    assert ROOMS - {"protocol", "station"} <= forbidden["the station is blind"]
    assert {"protocol", "ui", "station"} <= forbidden["decoders and mapping are pure"]
    assert {"simulators", "station", "ui"} <= forbidden["the booth does not know its screen or its station"]


def test_a_room_that_lists_its_parts_lists_each_of_them_and_none_that_is_gone() -> None:
    lists = 0
    for index in (path for room in (*ROOMS, "bench") for path in ROOT.glob(f"{room}/**/__init__.py")):
        listed = re.findall(r"^([a-z_0-9]+) {2,}\S", index.read_text(), re.MULTILINE)
        parts = {path.stem for path in index.parent.glob("*.py")} - {"__init__", "__main__"}
        parts |= {path.parent.name for path in index.parent.glob("*/__init__.py")}
        if listed:
            lists += 1
            assert sorted(listed) == sorted(parts), index
    assert lists > 0


def test_the_fhir_folder_does_not_hide_the_library() -> None:
    assert fhir.resources.__file__ is not None
    assert not (ROOT / "fhir/__init__.py").exists()
    assert not (ROOT / "tests/fhir").exists()


def test_locks_hold_hashes_and_no_registry() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text()
        assert "--hash=sha256:" in text
        assert not re.search(r"https?://|--(?:extra-)?index-url", text), lock.name
    for lock in (path for path in ROOT.rglob("package-lock.json") if "node_modules" not in path.parts):
        packages = json.loads(lock.read_text())["packages"]
        assert all("resolved" not in package for package in packages.values()), lock
        assert all("integrity" in package for name, package in packages.items() if name), lock


def test_the_page_s_source_names_no_other_host() -> None:
    for path in (ROOT / "station/page/src").rglob("*.ts"):
        assert not re.search(r"https?://(?!hl7\.org|loinc\.org|unitsofmeasure\.org|terminology\.hl7\.org)", path.read_text()), path

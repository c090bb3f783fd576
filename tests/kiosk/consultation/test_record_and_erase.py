"""The act record and the search for what should be gone. Needs SYS-20, F004-19, F004-20, F000-41, F004-30, F000-11."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kiosk.consultation.erase import forms, scan, text_forms
from kiosk.consultation.record import ActRecord, faults
from kiosk.secure.keys import BoothKeys

KEYS = BoothKeys(b"b" * 32)
AT = datetime(2026, 1, 12, 10, tzinfo=UTC)


def written(count: int = 5) -> dict[str, Any]:
    record = ActRecord("c1")
    for number in range(count):
        record.add(AT, "incident", reason="device-lost", device=f"d{number}")
    parsed: dict[str, Any] = json.loads(record.close(KEYS))
    return parsed


def judged(record: dict[str, Any]) -> list[str]:
    return faults(json.dumps(record).encode(), KEYS.public)


def test_a_whole_record_is_accepted() -> None:
    assert judged(written()) == []
    assert judged(written(0)) == []


def test_an_edit_a_removal_a_reorder_a_cut_tail_and_a_new_chain_are_seen() -> None:
    edited = written()
    edited["entries"][2]["data"]["device"] = "other"
    assert any("line 3 was edited" in fault for fault in judged(edited))
    removed = written()
    del removed["entries"][1]
    assert any("removed or reordered" in fault for fault in judged(removed))
    reordered = written()
    reordered["entries"][1], reordered["entries"][2] = reordered["entries"][2], reordered["entries"][1]
    assert judged(reordered)
    cut = written()
    cut["entries"].pop()
    assert any("at the end" in fault for fault in judged(cut))
    cut["head"] = {**cut["head"], "count": 4, "hash": cut["entries"][-1]["hash"]}
    assert any("signature" in fault for fault in judged(cut))
    anew = ActRecord("c1")
    anew.add(AT, "incident", reason="nothing")
    assert any("signature" in fault for fault in faults(anew.close(BoothKeys(b"x" * 32)), KEYS.public))


@pytest.mark.parametrize("junk", [b"", b"{}", b"[]", b"null", b'{"consultation":1,"entries":[1],"head":{}}', b"\xff", b"[" * 100_000])
def test_anything_else_is_not_a_record(junk: bytes) -> None:
    assert faults(junk, KEYS.public) == ["this is not an act record"]


@pytest.mark.parametrize("before", [b"", b"x", b"xy", b"xyz"])
def test_a_needle_is_found_in_every_form_and_alignment(before: bytes, tmp_path: Path) -> None:
    needle = "Jeanne Martin é"
    for encode in (
        bytes,
        lambda data: data.hex().encode(),
        lambda data: data.hex().upper().encode(),
        base64.b64encode,
    ):
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            (tmp_path / "file").write_bytes(encode(before + needle.encode(encoding) + b"and more"))
            assert [hit.place for hit in scan(tmp_path, [text_forms(needle)])] == ["file"], (encode, encoding)
    (tmp_path / "file").write_bytes(b"nothing of the kind")
    assert scan(tmp_path, [text_forms(needle), forms(b"\x16\x7c\x00\x56")]) == []

"""What a judge and a patient do with an act record: verify it with the public key alone, print it. Needs SYS-20, F004-19."""

import base64
import copy
import json
import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.cli import main
from kiosk.consultation.record import ActRecord, faults
from kiosk.secure.keys import BoothKeys

KEYS, OTHER = BoothKeys(b"b" * 32), BoothKeys(b"x" * 32)
AT = datetime(2026, 1, 12, 10, tzinfo=UTC)
KEY = base64.b64encode(KEYS.public).decode()


def written(keys: BoothKeys = KEYS, consultation: str = "c1") -> bytes:
    record = ActRecord(consultation)
    record.add(AT, "opened", booth="Pharmacie de l'Œuvre", helper="Zoë", training=False)
    record.add(AT, "identity", family="Lefèvre-Çelik", given="Maÿlis", birth_date="1950-04-02", sex="female", status="provisional")
    record.add(AT + timedelta(seconds=3), "consent", subject="act", given=True, information="2026-11")
    record.add(AT + timedelta(seconds=9), "measured", device="Cuff", vitals=["systolic", "diastolic"])
    record.add(AT + timedelta(seconds=20), "incident", reason="freeze", freeze_ms=2100, loss_percent=0)
    record.add(AT + timedelta(seconds=30), "report", text="Dyspnée d'effort à explorer, où ça ?", conclusion="Łódź", author="Dr Noël")
    return record.close(keys)


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every leaf of a JSON value, by its path."""
    if isinstance(node, dict):
        return [place for name in node for place in places(node[name], (*path, name))]
    if isinstance(node, list) and node:
        return [place for number, item in enumerate(node) for place in places(item, (*path, number))]
    return [path]


WHOLE = json.loads(written())
LEAVES = places(WHOLE)
JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(), st.lists, max_leaves=4)


def changed(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    record = copy.deepcopy(WHOLE)
    node: Any = record
    for name in path[:-1]:
        node = node[name]
    node[path[-1]] = value
    return dict(record)


def same(one: Any, other: Any) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


@settings(deadline=None, max_examples=300)
@given(place=st.sampled_from(LEAVES), value=JSON)
def test_every_edit_of_any_field_is_seen(place: tuple[Any, ...], value: Any) -> None:
    record = changed(place, value)
    found = faults(json.dumps(record).encode(), KEYS.public)
    assert (found == []) == same(record, WHOLE)


@settings(deadline=None, max_examples=200)
@given(order=st.lists(st.integers(0, len(WHOLE["entries"]) - 1), max_size=8), fit=st.booleans())
def test_every_removal_reorder_repetition_and_cut_tail_is_seen(order: list[int], fit: bool) -> None:
    record = copy.deepcopy(WHOLE)
    record["entries"] = [WHOLE["entries"][number] for number in order]
    if fit and record["entries"]:
        record["head"] |= {"count": len(order), "hash": record["entries"][-1]["hash"]}
    found = faults(json.dumps(record).encode(), KEYS.public)
    assert (found == []) == (order == list(range(len(WHOLE["entries"]))))


@settings(deadline=None, max_examples=100)
@given(at=st.integers(0, len(written()) - 1), octet=st.integers(0, 255))
def test_every_octet_that_changes_what_is_said_is_seen(at: int, octet: int) -> None:
    record = bytearray(written())
    record[at] = octet
    found = faults(bytes(record), KEYS.public)
    try:
        harmless = same(json.loads(bytes(record)), WHOLE)
    except ValueError:
        harmless = False
    assert (found == []) == harmless


def test_a_chain_made_anew_and_a_key_put_in_its_place_are_seen() -> None:
    forged = written(OTHER)
    assert any("signature" in fault for fault in faults(forged, KEYS.public))
    assert faults(forged, OTHER.public) == []
    claimed = json.loads(forged) | {"booth": KEY}
    assert faults(json.dumps(claimed).encode(), KEYS.public)
    assert faults(json.dumps(claimed).encode(), OTHER.public) == ["the record says something that the booth has not signed"]


def test_what_two_readers_may_read_differently_is_no_record() -> None:
    twice = written().replace(b'"kind": "opened"', b'"kind": "closed", "kind": "opened"')
    assert faults(twice, KEYS.public) == ["this is not an act record"]
    extra = json.loads(written()) | {"note": "added"}
    assert faults(json.dumps(extra).encode(), KEYS.public) == ["the record says something that the booth has not signed"]


def test_the_command_says_whole_altered_or_unreadable(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole, altered, junk, key = (tmp_path / name for name in ("whole.json", "altered.json", "junk.json", "key.txt"))
    whole.write_bytes(written())
    key.write_text(KEY + "\n")
    altered.write_bytes(written().replace(b"Dr No", b"Dr Na").replace(b"provisional", b"qualified"))
    junk.write_bytes(b"{}")
    assert main(["record", "verify", str(whole), "--key", KEY]) == 0
    assert main(["record", "verify", str(whole), "--key", str(key)]) == 0
    assert "whole and signed" in capsys.readouterr().out
    assert main(["record", "verify", str(altered), "--key", KEY]) == 1
    assert capsys.readouterr().out.splitlines() == ["line 2 was edited", "line 6 was edited"]
    for file, with_key in ((junk, KEY), (tmp_path / "none", KEY), (whole, "AAAA"), (whole, str(whole))):
        assert main(["record", "verify", str(file), "--key", with_key]) == 2
        assert capsys.readouterr().err.startswith("telecabine record: ")


def test_the_printed_record_reads_as_the_record_in_french(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """poppler is the judge of the text; a second print is the same to the octet."""
    file, out, again = tmp_path / "record.json", tmp_path / "out.pdf", tmp_path / "again.pdf"
    file.write_bytes(written())
    assert main(["record", "pdf", str(file), str(out)]) == 0
    assert main(["record", "pdf", str(file), str(again)]) == 0
    assert out.read_bytes() == again.read_bytes()
    text = subprocess.run(["pdftotext", "-layout", str(out), "-"], capture_output=True, text=True, check=True).stdout
    text = re.sub(" +", " ", text)
    for words in (
        "Lefèvre-Çelik",
        "Maÿlis",
        "Pharmacie de l'Œuvre",
        "Dyspnée d'effort à explorer, où ça ?",
        "Łódź",
        "Incident technique",
        "donné : oui",
        "Le 12 janvier 2026, de 10:00 à 10:00",
        "Maÿlis LEFÈVRE-ÇELIK, né(e) le 02/04/1950, femme, identité provisoire",
        "10:00:20 image figée plus de deux secondes",
        WHOLE["head"]["hash"],
        KEY,
    ):
        assert words in text, words
    file.write_bytes(written().replace(b"provisional", b"qualified"))
    assert main(["record", "pdf", str(file), str(out)]) == 1
    assert "an altered record is not printed" in capsys.readouterr().err


def test_every_kind_of_line_that_the_booth_writes_has_french_words() -> None:
    from kiosk.consultation.record_codes import CODES, LINE
    from kiosk.consultation.record_words import KINDS, VITALS
    from ui.i18n import fr

    source = "".join(path.read_text() for path in Path("kiosk").rglob("*.py"))
    kinds = set(re.findall(r'\.write\(\s*"([a-z-]+)"', source)) | {"confirmed", "rejected", "pause", "resume", "incident"}
    assert len(kinds) > 30
    assert kinds <= set(KINDS), kinds - set(KINDS)
    incidents = set(re.findall(r'\.incident\(\s*"([a-z-]+)"', source)) | {"freeze", "loss", "no-camera", "camera-lost"}
    assert len(incidents) > 10
    assert incidents <= set(CODES["reason"]), incidents - set(CODES["reason"])
    relays = set(re.findall(r'"(relay-[a-z]+)"', source))
    assert len(relays) > 8
    assert {key: fr.SCREEN[key] for key in relays} == CODES["relays"], "paper and screen speak alike"
    failures = set(re.findall(r'(?:CallError\(|_fail\(|_failed\()"([a-z-]+)"', source))
    assert len(failures) > 8
    assert failures <= set(CODES["why"]), failures - set(CODES["why"])
    links = "".join(path.read_text() for path in Path("kiosk/links").glob("*.py"))
    lost = set(re.findall(r'(?:down\([^"\n]*|end\([^"\n]*|DeviceError\(|Advice\(|return |else )"([A-Za-z][^"]* [^"]+)"', links))
    assert len(lost) > 20
    assert lost <= set(CODES["why"]), lost - set(CODES["why"])
    line = [*Path("kiosk/secure").glob("*.py"), Path("protocol/directory.py"), Path("kiosk/specialist_line.py")]
    broken = set(re.findall(r'"([a-z]+(?:-[a-z]+)+)"', "".join(path.read_text() for path in line if path.name != "tls.py"))) & set(fr.SAID)
    assert len(broken) > 20
    assert broken <= set(CODES["reason"]), broken - set(CODES["reason"])
    assert {key: fr.SAID[key][0] for key in LINE} == LINE, "paper and screen speak alike"
    assert VITALS.items() <= fr.VITALS.items(), "paper and screen speak alike"


def test_an_incident_that_comes_again_is_one_line_that_says_how_often_and_until_when() -> None:
    """On a thin line picture and sound give way dozens of times."""
    from kiosk.consultation.record_summary import summary

    told = [("10:00:20", "link-gives-way"), ("10:01:00", "freeze"), ("10:01:10", "link-gives-way"), ("10:09:00", "link-gives-way")]
    entries = [{"at": f"2026-01-12T{at}+01:00", "kind": "incident", "data": {"reason": reason}} for at, reason in told]
    assert dict(summary({"entries": entries}))["Incidents techniques"].splitlines() == [
        "10:00:20   image ou son réduits par la ligne (3 fois, la dernière à 10:09:00)",
        "10:01:00   image figée plus de deux secondes",
    ]


def test_relays_that_fail_are_said_in_french_on_paper() -> None:
    from kiosk.consultation.record_words import code

    tried = [{"UDP 3478": "relay-works"}, {"TLS 443": "relay-certificate"}]
    assert code("relays", tried) == "UDP 3478 fonctionne, TLS 443 certificat non reconnu"
    assert code("relays", "relay-untried") == "non essayés"
    assert code("values", {"spo2": "98 %"}) == "SpO₂ 98 %"

"""The act record (CSP R.6316-4): it writes itself while the consultation runs, hash-chained, signed by the booth at the end.

JSON: `{"version", "consultation", "booth", "entries": [{"n", "at", "kind", "data", "previous", "hash"}], "head": {"count", "hash", "signature"}}`.
An entry's hash is SHA-256 over the length-prefixed consultation, n, at, kind, canonical JSON of data, and the previous hash. The head's
signature covers consultation, count and last hash, so that an edit, a removal, a reorder, a cut tail and a chain made anew are all seen by
who knows the booth's public key only.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any

from kiosk.secure.keys import BoothKeys, verify
from kiosk.secure.transcript import fields

if TYPE_CHECKING:
    from datetime import datetime

VERSION = 1
_ENTRY = ("n", "at", "kind", "data", "previous", "hash")


def _canonical(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _hash(consultation: str, entry: dict[str, Any]) -> str:
    parts = (consultation.encode(), str(entry["n"]).encode(), str(entry["at"]).encode(), str(entry["kind"]).encode())
    return hashlib.sha256(fields(*parts, _canonical(entry["data"]), str(entry["previous"]).encode())).hexdigest()


def _head_statement(consultation: str, count: int, last: str) -> bytes:
    return fields(b"telecabine-record-v1", consultation.encode(), count.to_bytes(4, "big"), last.encode())


def _whole(consultation: str, entries: list[dict[str, Any]], count: int, last: str, booth: bytes, signature: bytes) -> dict[str, Any]:
    return {
        "version": VERSION,
        "consultation": consultation,
        "booth": base64.b64encode(booth).decode(),
        "entries": entries,
        "head": {"count": count, "hash": last, "signature": base64.b64encode(signature).decode()},
    }


class ActRecord:
    """The record of one consultation while it is written."""

    def __init__(self, consultation: str, entries: list[dict[str, Any]] | None = None) -> None:
        """`entries` as an earlier run has written them."""
        self._consultation = consultation
        self.entries: list[dict[str, Any]] = entries or []

    def __len__(self) -> int:
        return len(self.entries)

    def __repr__(self) -> str:
        return f"ActRecord({len(self)} entries)"

    @property
    def trace(self) -> tuple[str, str, tuple[tuple[str, str], ...]]:
        """First and last time, and time and reason of each incident: what may be kept when the record is gone."""
        times = [entry["at"] for entry in self.entries] or [""]
        incidents = ((entry["at"], entry["data"]["reason"]) for entry in self.entries if entry["kind"] == "incident")
        return times[0], times[-1], tuple(incidents)

    def add(self, at: datetime, kind: str, **data: Any) -> None:
        """Write one line; `at` zone-aware."""
        previous = self.entries[-1]["hash"] if self.entries else ""
        entry = {"n": len(self.entries) + 1, "at": at.isoformat(timespec="milliseconds"), "kind": kind, "data": data, "previous": previous}
        self.entries.append(entry | {"hash": _hash(self._consultation, entry)})

    def close(self, keys: BoothKeys) -> bytes:
        """The signed record."""
        last = self.entries[-1]["hash"] if self.entries else ""
        signature = keys.sign(_head_statement(self._consultation, len(self.entries), last))
        record = _whole(self._consultation, self.entries, len(self.entries), last, keys.public, signature)
        return json.dumps(record, ensure_ascii=False, indent=1).encode()


#: what `faults` says of octets that are no record at all
UNREADABLE = "this is not an act record"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object whose names stand once: of a name given twice, two readers may see two different records."""
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name stands twice")
    return dict(pairs)


def parse(record: bytes) -> dict[str, Any]:
    """The record's JSON object, unjudged.

    Raises:
        ValueError: it is not JSON, or a name stands twice in an object.
    """
    try:
        parsed = json.loads(record, object_pairs_hook=_once)
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(parsed, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - bad input, not a wrong call
    return parsed


def faults(record: bytes, booth: bytes) -> list[str]:
    """What is wrong with a record, in plain words; empty when it is whole and signed by the booth with Ed25519 key `booth`."""
    try:
        return _faults(parse(record), booth)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError, RecursionError):
        return [UNREADABLE]


def _faults(parsed: dict[str, Any], booth: bytes) -> list[str]:
    consultation, entries, head = parsed["consultation"], parsed["entries"], parsed["head"]
    found = _chain_faults(consultation, entries)
    last = entries[-1]["hash"] if entries else ""
    signature = base64.b64decode(head["signature"], validate=True)
    if head["count"] != len(entries) or head["hash"] != last:
        found.append("the head does not fit the entries: lines are missing or added at the end")
    if not verify(booth, _head_statement(consultation, int(head["count"]), str(head["hash"])), signature):
        found.append("the signature is not this booth's over this record")
    signed = _whole(
        consultation, [{name: entry[name] for name in _ENTRY} for entry in entries], head["count"], head["hash"], booth, signature
    )
    if not found and _canonical(parsed) != _canonical(signed):
        found.append("the record says something that the booth has not signed")
    return found


def _chain_faults(consultation: str, entries: list[dict[str, Any]]) -> list[str]:
    found, previous = [], ""
    for number, entry in enumerate(entries, 1):
        if entry["n"] != number:
            found.append(f"line {number} bears the number {entry['n']}: lines were removed or reordered")
        if entry["previous"] != previous:
            found.append(f"line {number} does not follow the line before it")
        if entry["hash"] != _hash(consultation, entry):
            found.append(f"line {number} was edited")
        previous = entry["hash"]
    return found

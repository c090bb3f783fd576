"""The organisation's directory: what is believed and what is not. The vectors were made without this project's encoder. Needs F000-44, F004-25."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.secure.directory import Trust
from kiosk.secure.errors import TrustError
from kiosk.secure.keys import verify
from protocol import directory as wire
from protocol import enrolment
from protocol.directory import DirectoryError, Pin

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors/directory.json").read_text())
GOOD = {name: base64.b64decode(text) for name, text in VECTORS["good"].items()}
PIN = wire.pin(VECTORS["pin"])
NOW = VECTORS["now"]
AT = datetime.fromtimestamp(NOW / 1000, UTC)


def key(name: str) -> bytes:
    return base64.b64decode(VECTORS[name])


def test_a_directory_says_who_holds_which_key() -> None:
    directory = wire.opened(GOOD["first"], PIN.organisation, verify)
    entry = directory.entry(key("specialist"), "specialist", NOW)
    assert (entry.name, entry.role, entry.sealing) == ("Dr Zoë Févre", "cardiologie", key("specialist_sealing"))
    assert directory.entry(key("booth"), "booth", NOW).name == "Pharmacie du Pont"
    assert wire.fingerprint(entry) == VECTORS["fingerprint"]
    assert directory.position == (0, 7)
    assert str(PIN) == VECTORS["pin"]


def test_a_directory_has_one_encoding() -> None:
    directory, body, _ = wire.decode(GOOD["recovered"])
    assert wire.encode(directory) == body


@pytest.mark.parametrize("name", VECTORS["bad"])
def test_what_is_not_the_organisation_s_newest_directory_is_refused(name: str) -> None:
    text, reason = VECTORS["bad"][name]
    with pytest.raises(DirectoryError) as refused:
        wire.newer(base64.b64decode(text), GOOD["first"], PIN, verify)
    assert refused.value.reason == reason or (reason == "?" and refused.value.reason in ("directory-signature", "directory-malformed"))


def test_no_octet_of_a_directory_can_be_changed_cut_or_added() -> None:
    good = GOOD["recovered"]
    wrong = [good[:at] + bytes((good[at] ^ 1 << at % 8,)) + good[at + 1 :] for at in range(len(good))]
    wrong += [good[:size] for size in range(len(good))] + [good + b"\0", good + good, b"\xff" * 5, b"\0" * 4]
    for octets in wrong:
        with pytest.raises(DirectoryError):
            wire.opened(octets, PIN.organisation, verify)


@given(st.binary(max_size=400))
def test_any_octets_are_refused_and_never_a_crash(octets: bytes) -> None:
    for given_ in (octets, wire.lp(octets, bytes(64)), wire.lp(wire.lp(b"telecabine-directory-v1", octets), bytes(64))):
        with pytest.raises(DirectoryError):
            wire.opened(given_, PIN.organisation, verify)
    with pytest.raises(DirectoryError):
        enrolment.decode(base64.urlsafe_b64encode(octets).decode().rstrip("="), verify)


@pytest.mark.parametrize(
    ("who", "kind", "later", "reason"),
    [
        ("unknown", "specialist", 0, "key-not-listed"),
        ("revoked", "specialist", 0, "key-revoked"),
        ("booth", "specialist", 0, "key-other-kind"),
        ("late", "specialist", 0, "key-not-yet-valid"),
        ("late", "specialist", 30 * 86_400_000, "key-expired"),
        ("specialist", "specialist", 100 * 86_400_000, "directory-expired"),
    ],
)
def test_a_key_that_does_not_count_is_refused_by_its_reason(who: str, kind: wire.Kind, later: int, reason: str) -> None:
    directory = wire.opened(GOOD["first"], PIN.organisation, verify)
    with pytest.raises(DirectoryError) as refused:
        directory.entry(key(who), kind, NOW + later)
    assert refused.value.reason == reason


def test_the_highest_number_seen_outlives_a_restart(tmp_path: Path) -> None:
    """An old directory, without the newest revocation, is not taken after a restart either."""
    path = tmp_path / "directory"
    assert Trust(path, PIN).take(GOOD["next"])
    again = Trust(path, PIN)
    assert again.position == (0, 8)
    assert not again.take(GOOD["next"])
    with pytest.raises(TrustError) as refused:
        again.take(GOOD["first"])
    assert refused.value.reason == "directory-old"
    assert again.specialist(key("specialist"), AT, key("specialist_sealing")) is not None
    assert path.stat().st_mode & 0o077 == 0


def test_two_directories_of_one_number_are_a_fork(tmp_path: Path) -> None:
    trust = Trust(tmp_path / "directory", PIN)
    trust.take(GOOD["first"])
    with pytest.raises(TrustError) as refused:
        trust.take(GOOD["same_number_other_content"])
    assert refused.value.reason == "directory-forked"


def test_a_root_is_followed_through_rotation_and_recovery(tmp_path: Path) -> None:
    """After the recovery key was used, whatever a thief signed with the root before, at whatever number, is old."""
    trust = Trust(tmp_path / "directory", PIN)
    for name, position in (("first", (0, 7)), ("rotated", (0, 9)), ("recovered", (1, 3))):
        assert trust.take(GOOD[name])
        assert trust.position == position
    for name in ("next", "rotated"):
        with pytest.raises(TrustError) as refused:
            trust.take(GOOD[name])
        assert refused.value.reason == "directory-old"


def test_another_history_of_the_root_is_a_fork(tmp_path: Path) -> None:
    trust = Trust(tmp_path / "directory", Pin(PIN.organisation, 0, 0))
    trust.take(GOOD["recovered_from_first"])
    with pytest.raises(TrustError) as refused:
        trust.take(GOOD["recovered"])
    assert refused.value.reason == "directory-forked"


def test_the_pin_of_the_settings_is_a_floor(tmp_path: Path) -> None:
    """A new booth is not shown a directory from before a theft: the technician types the newest pin."""
    path = tmp_path / "directory"
    trust = Trust(path, Pin(PIN.organisation, 1, 3))
    with pytest.raises(TrustError) as refused:
        trust.take(GOOD["next"])
    assert refused.value.reason == "directory-old"
    with pytest.raises(TrustError) as missing:
        trust.specialist(key("specialist"), AT, key("specialist_sealing"))
    assert missing.value.reason == "directory-missing"
    path.write_bytes(GOOD["next"])
    assert Trust(path, Pin(PIN.organisation, 1, 3)).position == (0, 0)


def test_another_sealing_key_than_the_signed_one_is_refused(tmp_path: Path) -> None:
    trust = Trust(tmp_path / "directory", PIN)
    trust.take(GOOD["first"])
    with pytest.raises(TrustError) as refused:
        trust.specialist(key("specialist"), AT, key("booth"))
    assert refused.value.reason == "key-differs"


@pytest.mark.parametrize("text", ["", "abc", "A" * 43, "A" * 43 + ".0.-1", "A" * 43 + ".00.1", "é" * 43 + ".0.1", "A" * 43 + ".0.1 "])
def test_what_is_no_pin_is_said(text: str) -> None:
    with pytest.raises(DirectoryError, match="organisation's code"):
        wire.pin(text)


def test_a_request_is_signed_with_the_key_that_it_names() -> None:
    request = enrolment.decode(VECTORS["request"], verify)
    assert (request.kind, request.name, request.identity) == ("specialist", "Dr Zoë Févre", key("specialist"))
    assert request.fingerprint == VECTORS["fingerprint"]
    altered = VECTORS["request"][:-1] + ("A" if VECTORS["request"][-1] != "A" else "B")
    for text in (altered, VECTORS["request"][:-4], "", "A" * 100, "é" * 100, VECTORS["request"] + "AAAA"):
        with pytest.raises(DirectoryError, match="not an enrolment request"):
            enrolment.decode(text, verify)

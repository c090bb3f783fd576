"""The search for what should be gone: each form exactly, each place, each needle once. Needs F004-30."""

import base64
from pathlib import Path

from kiosk.consultation.erase import SHORTEST, Hit, forms, scan, search, text_forms

#: RFC 4648, section 10
FOOBAR = b"foobar"


def test_the_forms_of_a_needle_are_these() -> None:
    plain, small, large, first, second, third = forms(FOOBAR)
    assert (plain, small, large) == (b"foobar", b"666f6f626172", b"666F6F626172")
    assert first == b"Zm9vYmFy"
    # what of the text does not depend on the octets before and after it
    for shift, form in ((1, second), (2, third)):
        around = [base64.b64encode(bytes((octet,)) * shift + FOOBAR + bytes((other,)) * 3) for octet in (0, 255) for other in (0, 255)]
        common = {text for text in around if form in text}
        assert len(common) == 4
        begin = around[0].index(form)
        assert len({text[begin - 1 : begin] for text in around}) > 1, "one character more would depend on what is before"
        end = begin + len(form)
        assert len({text[end : end + 1] for text in around}) > 1, "one character more would depend on what is after"


def test_forms_that_are_too_short_are_left_out() -> None:
    assert forms(b"abcd")[0] == b"abcd"
    assert SHORTEST == 4
    assert all(len(form) >= 4 for needle in (b"a", b"ab", b"abc", b"abcd") for form in forms(needle))
    assert b"abc" not in forms(b"abc")
    assert b"YWJj" in forms(b"abc")


def test_a_text_is_searched_in_three_encodings() -> None:
    assert {text.encode(encoding) for text in ("Zoé",) for encoding in ("utf-8", "utf-16-le", "utf-16-be")} <= set(text_forms("Zoé"))


def test_every_needle_is_reported_once_and_by_its_number() -> None:
    needles = [(b"abcd",), (b"abce", b"xyzt"), (b"none",)]
    assert list(search(b"..abcd abcd abce xyzt", needles, "here")) == [Hit(0, "here"), Hit(1, "here")]
    assert list(search(b"abcd", needles, "whole")) == [Hit(0, "whole")]
    assert list(search(b"..abcd", needles, "end")) == [Hit(0, "end")]
    assert list(search(b"abc", needles, "short")) == []
    assert list(search(b"", needles, "empty")) == []


def test_every_file_is_searched_and_named_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "deep/er").mkdir(parents=True)
    (tmp_path / "deep/er/outbox.db-wal").write_bytes(b"\x00abcd")
    (tmp_path / "a.txt").write_bytes(b"abcd")
    (tmp_path / "b.txt").write_bytes(b"nothing")
    assert scan(tmp_path, [(b"abcd",)]) == [Hit(0, "a.txt"), Hit(0, "deep/er/outbox.db-wal")]

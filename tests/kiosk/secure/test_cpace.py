"""CPace against the vectors of its draft, which the page's tests run too. Needs F004-28."""

import json
from pathlib import Path
from typing import Any

import pytest

from kiosk.secure import cpace, ristretto
from kiosk.secure.errors import CodeError

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors/cpace.json").read_text())
RUN = {name: bytes.fromhex(value) for name, value in VECTORS["run"].items()}


def test_generator_shares_and_key_are_those_of_the_draft() -> None:
    assert cpace.generator_string(RUN["PRS"], RUN["CI"], RUN["sid"]).hex() == VECTORS["generator_string"]
    base = cpace.generator(RUN["PRS"], RUN["CI"], RUN["sid"])
    assert base == RUN["g"]
    assert (cpace.share(RUN["ya"], base), cpace.share(RUN["yb"], base)) == (RUN["Ya"], RUN["Yb"])
    assert ristretto.multiply(RUN["ya"], RUN["Yb"]) == ristretto.multiply(RUN["yb"], RUN["Ya"]) == RUN["K"]
    both = cpace.transcript_ir(RUN["Ya"], RUN["Yb"], (RUN["ADa"], RUN["ADb"]))
    assert cpace.intermediate_key(RUN["ya"], RUN["Yb"], RUN["sid"], both) == RUN["ISK_IR"]
    assert cpace.intermediate_key(RUN["yb"], RUN["Ya"], RUN["sid"], both) == RUN["ISK_IR"]


def test_points_that_the_draft_names_invalid_end_the_run() -> None:
    points = VECTORS["points"]
    valid = {name: bytes.fromhex(value) for name, value in points["Valid"].items()}
    assert ristretto.multiply(valid["s"], valid["X"]) == valid["G.scalar_mult_vfy(s,X)"]
    for name in ("Invalid Y1", "Invalid Y2"):
        with pytest.raises(CodeError, match="not an element"):
            cpace.intermediate_key(valid["s"], bytes.fromhex(points[name]), b"", b"")
    for malformed in (b"", valid["X"][:31], valid["X"] + b"\x00"):
        with pytest.raises(CodeError):
            cpace.intermediate_key(valid["s"], malformed, b"", b"")


def test_a_scalar_has_252_bits_and_lengths_are_leb128() -> None:
    assert cpace.sample_scalar(lambda size: b"\xff" * size)[-1] == 0x0F
    assert cpace.prepend_len(bytes(300))[:2] == bytes((0xAC, 0x02))
    assert cpace.lv_cat(b"1234", b"5", b"", b"678").hex() == "043132333401350003363738"


def test_another_code_session_or_channel_gives_another_key() -> None:
    def key(code: bytes, session: bytes = b"s", channel: bytes = b"c") -> bytes:
        base = cpace.generator(b"123456", b"c", b"s")
        theirs = cpace.share(RUN["yb"], base)
        ours = cpace.share(RUN["ya"], cpace.generator(code, channel, session))
        return cpace.intermediate_key(RUN["ya"], theirs, session, cpace.transcript_ir(ours, theirs))

    assert len({key(b"123456"), key(b"123457"), key(b"123456", b"t"), key(b"123456", b"s", b"d")}) == 4


def test_what_cannot_be_an_element_a_scalar_or_a_hash_is_refused() -> None:
    with pytest.raises(CodeError, match="scalar of zero"):
        cpace.share(bytes(32), RUN["g"])
    for size in (0, 63, 65):
        with pytest.raises(ValueError, match="in place of 64"):
            ristretto.from_hash(bytes(size))
    assert ristretto.multiply(RUN["ya"][:31], RUN["g"]) is None


def test_a_code_that_fills_the_first_block_is_not_padded() -> None:
    code = b"1" * 130
    assert cpace.generator_string(code, b"c", b"s") == cpace.lv_cat(cpace.DSI, code, b"", b"c", b"s")


def test_a_machine_without_the_library_is_told_which_package_it_lacks() -> None:
    with pytest.raises(CodeError, match="package libsodium23"):
        ristretto._library("libsodium.so.none")

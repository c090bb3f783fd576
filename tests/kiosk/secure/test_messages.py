"""Mutated messages at every parser, a fixed sample; `./run proofs messages` has the full count. Messages of the version before are read. Needs F004-25."""

import base64
import json

import pytest

from tests.proofs.messages import CODECS, RECORDED, fuzz

ROWS = json.loads(RECORDED.read_text())["messages"]


def test_nothing_but_the_typed_errors() -> None:
    outcome = fuzz(0, 20_000)
    assert outcome["refused"] > 10_000
    assert outcome["accepted"] > 100


@pytest.mark.parametrize("name", sorted({row["codec"] for row in ROWS}))
def test_messages_recorded_with_version_1_are_read(name: str) -> None:
    for row in ROWS:
        if row["codec"] == name:
            assert type(CODECS[name].decode(base64.b64decode(row["octets"]))).__name__ == row["type"]

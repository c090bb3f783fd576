"""Bad input at every parser, and a fixed sample of mutated messages; `./run proofs messages` has the full count.

Messages of the version before are read. Needs F004-25.
"""

import base64
import json
from typing import Any

import pytest

from protocol.codec import LIMIT, Codec, ProtocolError
from tests.proofs._examples import Plain, examples, octets
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


#: what no field holds, whatever its type: each field refuses at least one of these, and none of them does anything but be refused or read
JUNK: tuple[Any, ...] = (None, {"no": [{}]}, [[[]]], True, -1, 2**62, 1e300, "x" * 1000, b"x")
MESSAGES = [pytest.param(codec, kind, plain, id=f"{name}-{kind.tag}") for name, codec in CODECS.items() for kind, plain in examples(codec)]


def refused(codec: Codec[Any], data: bytes) -> bool:
    try:
        codec.decode(data)
    except ProtocolError as error:
        return bool(str(error))
    return False


@pytest.mark.parametrize(("codec", "kind", "plain"), MESSAGES)
def test_every_field_of_every_message_malformed_missing_oversized_or_doubled(codec: Codec[Any], kind: Any, plain: Plain) -> None:
    good = codec.decode(octets(plain, codec))
    assert type(good) is kind.cls
    for field in kind.fields:
        name = field.encode_name
        assert True in {refused(codec, octets(plain | {name: junk}, codec)) for junk in JUNK}, f"{name} takes anything"
        assert refused(codec, octets(plain | {name: "x" * LIMIT}, codec))
        without = octets({key: value for key, value in plain.items() if key != name}, codec)
        assert refused(codec, without) or not field.required
        if codec.wire == "json":
            doubled = octets(plain, codec)[:-1] + b"," + octets({name: plain[name]}, codec)[1:]
            assert refused(codec, doubled) or codec.decode(doubled) == good


@pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS)
def test_what_is_no_message_is_refused(codec: Codec[Any]) -> None:
    (_, plain), *_ = examples(codec)
    whole = octets(plain, codec)
    for data in (b"", b"\x00", b"\xff\xfe", b"null", b"[]", b"{}", whole[:-1], whole + whole, b"[" * 10_000, b"\x91" * 10_000):
        assert refused(codec, data), data[:20]
    assert refused(codec, octets(plain | {"type": "nothing-of-the-kind"}, codec))

"""Sizes say little of what is inside. Needs F004-25."""

import json

import pytest
from nacl.public import PublicKey, SealedBox

from kiosk.secure.envelope import Header, Recipient, seal
from kiosk.secure.errors import EnvelopeError
from kiosk.secure.keys import BoothKeys
from kiosk.secure.padding import bucket, padded
from kiosk.secure.transcript import fields
from simulators.specialist import SpecialistKeys

BOOTH = BoothKeys(b"b" * 32)


def test_buckets_hold_what_they_are_given_and_at_most_half_more() -> None:
    sizes = sorted({bucket(size) for size in range(100_000)})
    assert sizes[:7] == [128, 192, 256, 384, 512, 768, 1024]
    for size in range(100_000):
        assert size <= bucket(size) <= max(128, size * 3 // 2 + 1)


def test_a_padded_message_reads_as_before() -> None:
    for size in range(300):
        text = json.dumps("x" * size).encode()
        assert json.loads(padded(text)) == "x" * size
        assert len(padded(text)) == bucket(len(text))


def envelope(payload: bytes) -> tuple[SpecialistKeys, bytes]:
    specialist = SpecialistKeys()
    to = Recipient(specialist.identity, bytes(specialist.sealing.public_key))
    return specialist, seal(BOOTH, to, Header("e1", "observation", "c1", 1, to.text, "2026-01-12T10:00:00.000+01:00"), payload)


def test_envelopes_of_different_payloads_have_the_same_size() -> None:
    assert len({len(envelope(b"x" * size)[1]) for size in range(1, 500)}) == 1
    for size in (0, 1, 700, 5000):
        specialist, sealed = envelope(b"x" * size)
        assert specialist.open(BOOTH.public, sealed)[1] == b"x" * size
        assert (len(sealed) - 2 - 48) & (len(sealed) - 2 - 48 - 1) == 0 or (len(sealed) - 2 - 48) % 3 == 0


@pytest.mark.parametrize("padding", [b"\x00\x01", b"hidden"])
def test_padding_holds_nothing(padding: bytes) -> None:
    specialist = SpecialistKeys()
    header = json.dumps(
        {
            "id": "e1",
            "kind": "observation",
            "consultation": "c1",
            "sequence": 1,
            "recipient": Recipient(specialist.identity, b"").text,
            "created": "",
        }
    ).encode()
    signature = BOOTH.sign(fields(b"telecabine-envelope-v1", header, b"{}"))
    box = SealedBox(PublicKey(bytes(specialist.sealing.public_key)))
    assert specialist.open(BOOTH.public, b"\x02\x01" + box.encrypt(fields(signature, header, b"{}", bytes(9))))[1] == b"{}"
    for parts in ((signature, header, b"{}", padding), (signature, header, b"{}"), (signature, header, b"{}", b"", b"")):
        with pytest.raises(EnvelopeError, match="padding"):
            specialist.open(BOOTH.public, b"\x02\x01" + box.encrypt(fields(*parts)))

"""Sizes say little of what is inside. Needs F004-25."""

import json

import pytest
from msgspec.json import encode as json_octets
from nacl.public import PublicKey, SealedBox

from kiosk.secure.envelope import Header, Recipient, seal
from kiosk.secure.errors import EnvelopeError
from kiosk.secure.keys import BoothKeys
from kiosk.secure.padding import bucket, padded
from kiosk.secure.transcript import fields
from simulators.specialist import SpecialistKeys

BOOTH = BoothKeys(b"b" * 32)


def test_buckets_hold_what_they_are_given_and_at_most_half_more() -> None:
    buckets = [128 << double for double in range(10)] + [192 << double for double in range(10)]
    for size in range(50_000):
        assert bucket(size) == min(one for one in buckets if one >= size)
        assert bucket(size) <= max(128, size * 3 // 2 + 1)
    assert bucket(1, 1024) == 1024


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


def test_an_envelope_fills_its_bucket_to_the_last_octet() -> None:
    """docs/crypto.md: up to the next of 1024, 1536, 2048, ...; outside are version, algorithm, and the 48 octets of a sealed box."""
    for size in range(600, 2200):
        specialist, sealed = envelope(b"x" * size)
        header = json_octets(specialist.open(BOOTH.public, sealed)[0])
        needed = len(fields(bytes(64), header, bytes(size), b""))
        assert len(sealed) - 50 == min(one for one in (1024, 1536, 2048, 3072) if one >= needed)


def forged(parts: bytes | tuple[bytes, ...], version: bytes = b"\x02\x01") -> str:
    """Why an envelope with this inside is refused; empty when it is not."""
    specialist = SpecialistKeys(lambda size: b"s" * size)
    box = SealedBox(PublicKey(bytes(specialist.sealing.public_key)))
    inner = parts if isinstance(parts, bytes) else fields(*parts)
    try:
        specialist.open(BOOTH.public, version + box.encrypt(inner))
    except EnvelopeError as error:
        return error.reason
    return ""


def signed(header: bytes) -> tuple[bytes, bytes, bytes]:
    return BOOTH.sign(fields(b"telecabine-envelope-v1", header, b"{}")), header, b"{}"


def test_what_is_inside_is_read_to_the_letter() -> None:
    names = {"id": "e1", "kind": "observation", "consultation": "c1", "sequence": 1, "created": ""}
    recipient = Recipient(SpecialistKeys(lambda size: b"s" * size).identity, b"").text
    good = signed(json.dumps(names | {"recipient": recipient}).encode())
    assert forged((*good, b"")) == ""
    assert forged(fields(*good) + b"\x00\x00\x00\x09\x00") == "envelope-malformed", "a field that is cut short"
    assert forged(good, b"\x01\x01") == ""
    for version in (b"\x03\x01", b"\x02\x02", b"\x00\x01"):
        assert forged((*good, b""), version) == "envelope-version"
    for header in (b"", b"{}", b"[]", b"\xff", json.dumps(names | {"recipient": recipient, "sequence": "1"}).encode()):
        assert forged((*signed(header), b"")) == "envelope-malformed"


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

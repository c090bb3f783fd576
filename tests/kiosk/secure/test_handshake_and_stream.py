"""Handshake and sealed stream between the booth and a second implementation. Needs F000-08, F000-44, F004-25."""

import base64
import json
from collections.abc import Callable

import pytest

from kiosk.secure import transcript
from kiosk.secure.errors import HandshakeError, StreamError
from kiosk.secure.handshake import BoothHandshake, sdp_fingerprints
from kiosk.secure.keys import BoothKeys
from simulators.specialist import SpecialistHandshake, SpecialistKeys

PRINTS = ("sha-256 " + ":".join(["AB"] * 32),)


def counter(start: int) -> Callable[[int], bytes]:
    """Randomness of a test: different each time it is asked, the same in each run."""
    state = [start]

    def randomness(size: int) -> bytes:
        state[0] += 1
        return state[0].to_bytes(2, "big") * (size // 2)

    return randomness


def pair(consultation: str = "c1") -> tuple[BoothHandshake, SpecialistHandshake]:
    booth = BoothHandshake(BoothKeys(b"b" * 32), consultation, "Pharmacie du Pont", PRINTS, counter(100))
    specialist = SpecialistHandshake(SpecialistKeys(counter(200)), "c1", PRINTS, randomness=counter(300))
    return booth, specialist


def shaken() -> tuple[BoothHandshake, SpecialistHandshake]:
    booth, specialist = pair()
    reveal = specialist.receive(booth.receive(specialist.hello))
    assert reveal is not None
    assert specialist.receive(booth.receive(reveal)) is None
    return booth, specialist


def test_both_screens_show_the_same_string_and_messages_go_both_ways() -> None:
    booth, specialist = shaken()
    assert booth.agreement is not None
    assert booth.agreement.authentication == specialist.authentication
    assert len(specialist.authentication) == 6
    assert booth.agreement.fingerprints == PRINTS
    assert specialist.opener is not None
    assert specialist.sealer is not None
    assert specialist.opener.open(booth.agreement.sealer.seal(b"spo2 98")) == b"spo2 98"
    assert booth.agreement.opener.open(specialist.sealer.seal(b"merci")) == b"merci"


@pytest.mark.parametrize("field", ["identity", "ephemeral", "nonce", "fingerprints"])
def test_a_station_that_swaps_anything_of_the_booth_is_caught(field: str) -> None:
    booth, specialist = pair()
    hello = json.loads(booth.receive(specialist.hello))
    other = json.loads(
        BoothHandshake(BoothKeys(b"x" * 32), "c1", "P", (PRINTS[0].replace("AB", "CD"),), counter(900)).receive(specialist.hello)
    )
    hello[field] = other[field]
    reveal = specialist.receive(json.dumps(hello).encode())
    assert reveal is not None
    with pytest.raises(HandshakeError, match="signature"):
        booth.receive(reveal)
    assert booth.agreement is None


@pytest.mark.parametrize("field", ["identity", "ephemeral", "sealing", "fingerprints"])
def test_a_station_that_swaps_anything_of_the_page_is_caught(field: str) -> None:
    booth, specialist = pair()
    hello = json.loads(specialist.hello)
    hello[field] = (
        [PRINTS[0].replace("AB", "CD")]
        if field == "fingerprints"
        else json.loads(SpecialistHandshake(SpecialistKeys(counter(700)), "c1", randomness=counter(800)).hello)[field]
    )
    reveal = specialist.receive(booth.receive(json.dumps(hello).encode()))
    assert reveal is not None
    with pytest.raises(HandshakeError, match="signature"):
        booth.receive(reveal)


def test_a_nonce_chosen_after_the_booth_s_is_caught() -> None:
    booth, specialist = pair()
    reveal = specialist.receive(booth.receive(specialist.hello))
    assert reveal is not None
    changed = json.loads(reveal) | {"nonce": json.loads(reveal)["signature"][:44]}
    with pytest.raises(HandshakeError, match="committed"):
        booth.receive(json.dumps(changed).encode())


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"\xff\xfe", b'{"type":"reveal"}', b"[" * 100_000, b'{"type":"agreed","signature":"","header":""}']
)
def test_anything_else_is_refused_in_plain_words(body: bytes) -> None:
    booth, _ = pair()
    with pytest.raises(HandshakeError):
        booth.receive(body)


def test_another_consultation_or_version_is_refused() -> None:
    booth, specialist = pair("c2")
    with pytest.raises(HandshakeError, match="another consultation"):
        booth.receive(specialist.hello)
    booth, specialist = pair()
    with pytest.raises(HandshakeError, match="version 9"):
        booth.receive(specialist.hello.replace(b'"version":2', b'"version":9'))


def test_a_page_of_the_version_before_still_agrees() -> None:
    booth, _ = pair()
    page = SpecialistHandshake(SpecialistKeys(counter(200)), "c1", PRINTS, randomness=counter(300), version=1)
    assert b"code" not in page.hello
    reply = booth.receive(page.hello)
    assert json.loads(reply).keys() == {"type", "version", "consultation", "identity", "ephemeral", "nonce", "fingerprints", "name"}
    reveal = page.receive(reply)
    assert reveal is not None
    page.receive(booth.receive(reveal))
    assert booth.agreement is not None
    assert booth.agreement.version == json.loads(reply)["version"] == 1


def refused(booth: BoothHandshake, body: bytes) -> str:
    with pytest.raises(HandshakeError) as caught:
        booth.receive(body)
    assert booth.agreement is None
    return caught.value.reason


@pytest.mark.parametrize(("name", "prints", "reason"), [(120, 16, ""), (121, 16, "bad-message"), (120, 17, "bad-message")])
def test_a_name_and_fingerprints_as_long_as_they_may_be(name: int, prints: int, reason: str) -> None:
    booth, _ = pair()
    page = SpecialistHandshake(SpecialistKeys(), "c1", PRINTS * prints, name="x" * name)
    if reason:
        assert refused(booth, page.hello) == reason
    else:
        booth.receive(page.hello)


@pytest.mark.parametrize("size", [0, 23, 25])
def test_a_stream_header_of_another_length_is_refused_before_anything_is_agreed(size: int) -> None:
    booth, specialist = pair()
    reveal = specialist.receive(booth.receive(specialist.hello))
    assert reveal is not None
    header = base64.b64encode(bytes(size)).decode()
    assert refused(booth, json.dumps(json.loads(reveal) | {"header": header}).encode()) == "bad-length"


def test_an_ephemeral_key_that_would_make_the_secret_known_to_all_is_refused() -> None:
    """A point of low order: the shared secret would be zero (RFC 7748, section 6.1)."""
    booth, specialist = pair()
    specialist.hello = json.dumps(json.loads(specialist.hello) | {"ephemeral": base64.b64encode(bytes(32)).decode()}).encode()
    reveal = specialist.receive(booth.receive(specialist.hello))
    assert reveal is not None
    assert refused(booth, reveal) == "bad-key"


def test_a_message_of_the_handshake_that_comes_late_early_or_twice_is_refused() -> None:
    booth, specialist = pair()
    reveal = specialist.receive(booth.receive(specialist.hello))
    assert reveal is not None
    assert refused(pair()[0], reveal) == "bad-order"
    assert refused(booth, specialist.hello) == "bad-order"
    agreed = booth.receive(reveal)
    for late in (reveal, specialist.hello, agreed):
        with pytest.raises(HandshakeError) as caught:
            booth.receive(late)
        assert caught.value.reason == "bad-order"


def test_altered_repeated_reordered_and_missing_messages_end_the_stream() -> None:
    for attack in ("alter", "repeat", "reorder", "drop", "truncate", "empty"):
        booth, specialist = shaken()
        assert booth.agreement is not None
        assert specialist.opener is not None
        one, two, three = (booth.agreement.sealer.seal(text) for text in (b"1", b"2", b"3"))
        assert specialist.opener.open(one) == b"1"
        altered = two[:-1] + bytes((two[-1] ^ 1,))
        bad = {"alter": altered, "repeat": one, "reorder": three, "drop": three, "truncate": two[:10], "empty": b""}[attack]
        with pytest.raises(StreamError, match="message 2 is altered"):
            specialist.opener.open(bad)
        with pytest.raises(StreamError):
            specialist.opener.open(two)


def test_nothing_is_read_after_final_and_nothing_is_sent_after_it() -> None:
    booth, specialist = shaken()
    assert booth.agreement is not None
    assert specialist.opener is not None
    last = booth.agreement.sealer.seal(b"fin", final=True)
    assert not specialist.opener.ended
    specialist.opener.open(last)
    assert specialist.opener.ended
    with pytest.raises(StreamError):
        specialist.opener.open(last)
    with pytest.raises(StreamError):
        booth.agreement.sealer.seal(b"encore")


def test_fingerprints_of_an_sdp() -> None:
    sdp = "v=0\r\na=fingerprint:SHA-256 ab:cd\r\nm=audio\r\na=fingerprint:sha-256 AB:CD\r\na=fingerprint:sha-384 01:02\r\n"
    assert sdp_fingerprints(sdp) == ("sha-256 AB:CD", "sha-384 01:02")


def test_no_two_lists_of_fields_share_octets() -> None:
    assert transcript.fields(b"ab", b"c") != transcript.fields(b"a", b"bc")

"""The octets of what a stethoscope hears: one length, whatever is heard."""

import base64
import json
from array import array
from pathlib import Path

import pytest

from protocol import sound
from protocol.codec import ProtocolError

VECTOR = json.loads((Path(__file__).parents[1] / "vectors/sound.json").read_text())
OCTETS = base64.b64decode(VECTOR["octets"])


def test_the_vector_that_the_page_reads_too() -> None:
    """tests/station/test_vectors.py runs it for the page."""
    read = sound.decode(OCTETS)
    assert (read.sequence, read.received) == (VECTOR["sequence"], VECTOR["received"])
    assert list(array("h", read.samples)) == VECTOR["samples"]
    assert sound.encode(read) == OCTETS


def test_the_length_says_nothing_and_fits_a_bucket() -> None:
    """Silence and a heart look the same from outside."""
    assert {len(sound.encode(sound.Sound(0, 0.0, bytes([octet]) * 2 * sound.PIECE))) for octet in (0, 200)} == {1024}


@pytest.mark.parametrize(
    "octets", [b"", OCTETS[:-1], OCTETS + b"\0", *(OCTETS[:at] + bytes([OCTETS[at] ^ 1]) + OCTETS[at + 1 :] for at in (0, 1, 2, 4, 6))]
)
def test_another_kind_rate_or_length_is_refused(octets: bytes) -> None:
    with pytest.raises(ProtocolError):
        sound.decode(octets)

"""The recorded vectors that the page's tests run too: neither end may drift from docs/crypto.md. Needs F000-08."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from nacl import bindings
from nacl.public import PrivateKey

from kiosk.secure import transcript
from kiosk.secure.envelope import unseal
from kiosk.secure.handshake import CHANNEL
from kiosk.secure.keys import BoothKeys, verify
from kiosk.secure.stream import Opener
from protocol.station import receipt_statement

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors/crypto.json").read_text())


def octets(name: str) -> bytes:
    return base64.b64decode(VECTORS[name])


def test_commitment_transcript_string_and_signatures() -> None:
    digest = transcript.transcript(VECTORS["hello_specialist"].encode(), VECTORS["hello_booth"].encode(), octets("specialist_nonce"))
    assert digest == octets("transcript")
    assert transcript.commitment(octets("specialist_nonce")) == octets("commitment")
    assert transcript.authentication_string(digest) == VECTORS["authentication_string"]
    signature = base64.b64decode(json.loads(VECTORS["agreed"])["signature"])
    assert verify(octets("booth_public"), transcript.statement("booth", digest), signature)


def test_stream_keys_open_what_was_recorded() -> None:
    digest = octets("transcript")
    ephemeral = base64.b64decode(json.loads(VECTORS["hello_booth"])["ephemeral"])
    receive, _ = bindings.crypto_kx_client_session_keys(
        octets("specialist_ephemeral_public"), octets("specialist_ephemeral_secret"), ephemeral
    )
    key = transcript.stream_key(receive, digest)
    assert key == octets("receive_key")
    opener = Opener(key, base64.b64decode(json.loads(VECTORS["agreed"])["header"]), digest)
    for message in VECTORS["from_booth"]:
        assert opener.open(base64.b64decode(message["sealed"])).decode() == message["plaintext"]
        assert opener.ended == message["final"]


def test_envelope_and_receipt() -> None:
    private = PrivateKey(octets("specialist_sealing_secret"))
    header, payload = unseal(private, octets("booth_public"), octets("specialist_identity"), octets("envelope"))
    assert payload.decode() == VECTORS["envelope_payload"]
    assert header.id == VECTORS["envelope_header"]["id"]
    receipt = VECTORS["receipt"]
    assert verify(octets("specialist_identity"), receipt_statement(receipt["id"], receipt["at"]), base64.b64decode(receipt["signature"]))


def lp(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def test_keys_and_confirmations_by_a_code_are_those_of_the_document() -> None:
    """docs/crypto.md, worked out with Python's own BLAKE2b: who changes a word in one end only locks the other end out."""
    digest, key, secret = b"t" * 32, b"k" * 32, b"s" * 16
    wanted = hashlib.blake2b(lp(b"telecabine-stream-code-v1", digest, secret), digest_size=32, key=key).digest()
    assert transcript.stream_key(key, digest, secret) == wanted
    inner = hashlib.blake2b(lp(b"telecabine-code-v1", secret), digest_size=32).digest()
    for role in ("booth", "specialist"):
        wanted = hashlib.blake2b(lp(b"telecabine-confirm-v1", role.encode(), digest), digest_size=32, key=inner).digest()
        assert transcript.confirmation(role, digest, secret) == wanted  # type: ignore[arg-type]  # one of the two roles
    assert CHANNEL == b"telecabine-booth-and-specialist-v1"


def test_the_booth_s_sealing_key_is_derived_as_the_document_says() -> None:
    """The organisation has signed it: a booth that derived another one would be a stranger after an update."""
    seed = b"b" * 32
    private = hashlib.blake2b(b"telecabine-sealing-v1", digest_size=32, key=seed).digest()
    assert BoothKeys(seed).sealing == bindings.crypto_scalarmult_base(private)

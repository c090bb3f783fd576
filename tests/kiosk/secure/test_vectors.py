"""The recorded vectors that the page's tests run too: neither end may drift from docs/crypto.md. Needs F000-08."""

import base64
import json
from pathlib import Path
from typing import Any

from nacl import bindings
from nacl.public import PrivateKey

from kiosk.secure import transcript
from kiosk.secure.envelope import unseal
from kiosk.secure.keys import verify
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

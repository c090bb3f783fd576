"""The booth's side of the handshake with the specialist's page: sans-IO (docs/crypto.md, protocol/handshake.py).

The commitment comes before the booth's nonce, and the page's nonce after it, so that neither end nor a station between them can choose the
authentication string. Both ends sign the whole transcript, the DTLS fingerprints of the call included.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nacl import bindings
from nacl.utils import random

from kiosk.secure import cpace, transcript
from kiosk.secure.errors import CodeError, HandshakeError
from kiosk.secure.keys import verify
from kiosk.secure.stream import HEADER, Opener, Sealer
from protocol.codec import ProtocolError
from protocol.handshake import Agreed, HelloBooth, HelloSpecialist, Prekey, Reveal, handshake

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk.secure.codes import Code, CodeGate
    from kiosk.secure.keys import BoothKeys

VERSION = 2
#: what a page that is older or newer than this booth may speak
SPOKEN = (1, 2)
NAME_LIMIT = 120
CHANNEL = b"telecabine-booth-and-specialist-v1"
_FINGERPRINT = re.compile(r"[a-z0-9-]{1,20} [0-9A-F]{2}(?::[0-9A-F]{2}){15,127}")


@dataclass(frozen=True)
class Agreement:
    """What both ends agreed on: who the specialist is, the two sealed directions, the string to compare."""

    identity: bytes
    sealing: bytes
    name: str
    fingerprints: tuple[str, ...]
    authentication: str
    sealer: Sealer
    opener: Opener
    prekey: Prekey | None
    version: int
    by_code: bool


class BoothHandshake:
    """One attempt. Give it each body received; it gives the reply, and `agreement` once the last reply is made.

    `gate`: who may enter by a code, when this consultation has one.
    """

    def __init__(
        self,
        keys: BoothKeys,
        consultation: str,
        name: str,
        fingerprints: tuple[str, ...],
        randomness: Callable[[int], bytes] = random,
        gate: CodeGate | None = None,
    ) -> None:
        self._keys = keys
        self._gate, self._randomness = gate, randomness
        self._code: Code | None = None
        self._secret_of_code = b""
        self._consultation = consultation
        self._name = name
        self._fingerprints = fingerprints
        self._nonce = randomness(32)
        self._public, self._secret = bindings.crypto_kx_seed_keypair(randomness(32))
        self._first = b""
        self._second = b""
        self._hello: HelloSpecialist | None = None
        self.agreement: Agreement | None = None

    @property
    def begun(self) -> bool:
        """Whether a page has said hello."""
        return self._hello is not None

    def receive(self, body: bytes) -> bytes:
        """Take the next message of the page and return the reply.

        Raises:
            HandshakeError: a rule is broken; the attempt is over.
        """
        try:
            message = handshake.decode(body)
        except ProtocolError as error:
            raise HandshakeError("bad-message", str(error)) from None
        if isinstance(message, HelloSpecialist) and self._hello is None:
            return self._greet(body, message)
        if isinstance(message, Reveal) and self._hello is not None and self.agreement is None:
            return self._agree(self._hello, message)
        raise HandshakeError("bad-order", f"{type(message).__name__} is not the next message of the handshake")

    def _greet(self, body: bytes, hello: HelloSpecialist) -> bytes:
        if hello.version not in SPOKEN:
            raise HandshakeError("bad-version", f"the page speaks version {hello.version}, this booth {VERSION}: update the older one")
        if hello.consultation != self._consultation:
            raise HandshakeError("other-consultation", "the page speaks of another consultation")
        if any(len(key) != 32 for key in (hello.identity, hello.sealing, hello.ephemeral, hello.commitment)):
            raise HandshakeError("bad-length", "a key or commitment is not 32 octets long")
        if len(hello.name) > NAME_LIMIT or len(hello.fingerprints) > 16 or not all(map(_FINGERPRINT.fullmatch, hello.fingerprints)):
            raise HandshakeError("bad-message", "a name or fingerprint has a wrong form")
        share = self._meet(hello)
        self._hello, self._first = hello, body
        self._second = handshake.encode(
            HelloBooth(
                version=hello.version,
                consultation=self._consultation,
                identity=self._keys.public,
                ephemeral=self._public,
                nonce=self._nonce,
                fingerprints=self._fingerprints,
                name=self._name,
                share=share,
            )
        )
        return self._second

    def _meet(self, hello: HelloSpecialist) -> bytes:
        """The code that this page must know; the booth's CPace share when it is one that was typed."""
        if self._gate is None:
            if hello.code:
                raise HandshakeError("code-unknown", "this consultation has no code")
            return b""
        self._code = self._gate.asked(hello.code, hello.identity)
        if self._code is None:
            return b""
        if self._code.kind == "link":
            self._secret_of_code = self._code.secret
            return b""
        session = self._consultation.encode()
        scalar = cpace.sample_scalar(self._randomness)
        try:
            share = cpace.share(scalar, cpace.generator(self._code.secret, CHANNEL, session))
            both = cpace.transcript_ir(hello.share, share)
            self._secret_of_code = cpace.intermediate_key(scalar, hello.share, session, both)
        except CodeError as error:
            raise HandshakeError(error.reason, str(error)) from None
        return share

    def _check_code(self, gate: CodeGate, hello: HelloSpecialist, reveal: Reveal, digest: bytes) -> None:
        expected = transcript.confirmation("specialist", digest, self._secret_of_code)
        if not hmac.compare_digest(reveal.confirmation, expected):
            gate.wrong()
            raise HandshakeError("code-wrong", "who came does not know the code")
        gate.admit(hello.identity)

    def _agree(self, hello: HelloSpecialist, reveal: Reveal) -> bytes:
        if transcript.commitment(reveal.nonce) != hello.commitment:
            raise HandshakeError("bad-commitment", "the revealed nonce is not the committed one")
        digest = transcript.transcript(self._first, self._second, reveal.nonce)
        if not verify(hello.identity, transcript.statement("specialist", digest), reveal.signature):
            raise HandshakeError("bad-signature", "the page's signature does not cover what this booth has seen")
        if len(reveal.header) != HEADER:
            raise HandshakeError("bad-length", "a stream header has a wrong length")
        try:
            receive, send = bindings.crypto_kx_server_session_keys(self._public, self._secret, hello.ephemeral)
        except Exception as error:
            raise HandshakeError("bad-key", "the page's ephemeral key is not usable") from error
        if self._gate is not None and self._code is not None:
            self._check_code(self._gate, hello, reveal, digest)
        secret = self._secret_of_code
        sealer = Sealer(transcript.stream_key(send, digest, secret), digest)
        self.agreement = Agreement(
            identity=hello.identity,
            sealing=hello.sealing,
            name=hello.name,
            fingerprints=hello.fingerprints,
            authentication=transcript.authentication_string(digest),
            sealer=sealer,
            opener=Opener(transcript.stream_key(receive, digest, secret), reveal.header, digest),
            prekey=hello.prekey,
            version=hello.version,
            by_code=self._code is not None,
        )
        confirmation = transcript.confirmation("booth", digest, secret) if secret else b""
        signature = self._keys.sign(transcript.statement("booth", digest))
        return handshake.encode(Agreed(signature=signature, header=sealer.header, confirmation=confirmation))


def sdp_fingerprints(sdp: str) -> tuple[str, ...]:
    """The DTLS fingerprints of an SDP in the form of the handshake, sorted, each once (RFC 8122)."""
    found = re.findall(r"^a=fingerprint:(\S+) (\S+)\s*$", sdp, re.MULTILINE)
    return tuple(sorted({f"{algorithm.lower()} {digits.upper()}" for algorithm, digits in found}))

"""A headless specialist: the page's side of handshake, stream and mailbox in Python. Another implementation of docs/crypto.md, for tests and drills."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from nacl import bindings
from nacl.exceptions import CryptoError as SodiumError
from nacl.public import PrivateKey
from nacl.signing import SigningKey
from nacl.utils import random

from kiosk.secure import cpace, transcript
from kiosk.secure.envelope import Header, unseal
from kiosk.secure.errors import CodeError, EnvelopeError, HandshakeError
from kiosk.secure.handshake import CHANNEL, VERSION
from kiosk.secure.keys import verify
from kiosk.secure.prekeys import LASTS
from kiosk.secure.stream import HEADER, Opener, Sealer
from protocol.codec import ProtocolError
from protocol.handshake import Agreed, Declined, HelloBooth, HelloSpecialist, Prekey, Reveal, handshake, prekey_statement
from protocol.station import Receipt, receipt_statement

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk.secure.codes import Code


class SpecialistKeys:
    """Ed25519 and X25519 keys of a specialist."""

    def __init__(self, randomness: Callable[[int], bytes] = random) -> None:
        self.signing = SigningKey(randomness(32))
        self.sealing = PrivateKey(randomness(32))
        self._prekeys: list[PrivateKey] = []

    @property
    def identity(self) -> bytes:
        """The Ed25519 key that others know."""
        return bytes(self.signing.verify_key)

    def open(self, booth: bytes, envelope: bytes) -> tuple[Header, bytes]:
        """Open an envelope of the mailbox, sealed to a prekey or to the key of the handshake."""
        for private in self._prekeys:
            with contextlib.suppress(EnvelopeError):
                return unseal(private, booth, self.identity, envelope)
        return unseal(self.sealing, booth, self.identity, envelope)

    def prekey(self, now: int, lasts: int = LASTS) -> Prekey:
        """A new prekey for the week that begins at `now` (ms since the epoch)."""
        private = PrivateKey.generate()
        self._prekeys.append(private)
        key = bytes(private.public_key)
        return Prekey(key, now, now + lasts, bytes(self.signing.sign(prekey_statement(key, now, now + lasts)).signature))

    def receipt(self, envelope_id: str, at: int) -> Receipt:
        """A signed receipt for an envelope that was shown."""
        return Receipt(id=envelope_id, at=at, signature=bytes(self.signing.sign(receipt_statement(envelope_id, at)).signature))


class SpecialistHandshake:
    """The page's side of one attempt: send `hello`, give it each reply; then `sealer`, `opener` and `authentication` are there, or `declined`.

    `code`: by which the page comes. `version`: 1 speaks as a page did before there were codes.
    """

    def __init__(
        self,
        keys: SpecialistKeys,
        consultation: str,
        fingerprints: tuple[str, ...] = (),
        name: str = "Dr Essai",
        randomness: Callable[[int], bytes] = random,
        prekey: Prekey | None = None,
        code: Code | None = None,
        version: int = VERSION,
    ) -> None:
        self._keys, self._code, self._version, self._session = keys, code, version, consultation.encode()
        self._nonce = randomness(32)
        self._public, self._secret = bindings.crypto_kx_seed_keypair(randomness(32))
        self._scalar = cpace.sample_scalar(randomness)
        self._share = b""
        if code is not None and code.kind == "typed":
            self._share = cpace.share(self._scalar, cpace.generator(code.secret, CHANNEL, self._session))
        self._secret_of_code = b""
        self.hello = handshake.encode(
            HelloSpecialist(
                version=version,
                consultation=consultation,
                identity=keys.identity,
                sealing=bytes(keys.sealing.public_key),
                ephemeral=self._public,
                commitment=transcript.commitment(self._nonce),
                fingerprints=fingerprints,
                name=name,
                prekey=prekey,
                code="" if code is None else code.kind,
                share=self._share,
            )
        )
        self._digest = b""
        self._receive_key = b""
        self.booth: HelloBooth | None = None
        self.sealer: Sealer | None = None
        self.opener: Opener | None = None
        self.authentication = ""
        self.declined = ""

    def receive(self, body: bytes) -> bytes | None:
        """Take the booth's next message; the reply, or None when the handshake is done.

        Raises:
            HandshakeError: the booth broke a rule.
        """
        try:
            message = handshake.decode(body)
        except ProtocolError as error:
            raise HandshakeError("bad-message", str(error)) from None
        if isinstance(message, HelloBooth) and self.booth is None:
            return self._reveal(message, body)
        if isinstance(message, Agreed) and self.booth is not None and self.opener is None:
            self._finish(message, self.booth)
            return None
        if isinstance(message, Declined):
            self.declined = message.reason
            return None
        raise HandshakeError("bad-order", f"{type(message).__name__} is not the next message of the handshake")

    def _reveal(self, message: HelloBooth, body: bytes) -> bytes:
        if message.version != self._version:
            raise HandshakeError("bad-version", f"the booth answered in version {message.version}")
        if len(message.ephemeral) != 32 or len(message.identity) != 32 or len(message.nonce) != 32:
            raise HandshakeError("bad-length", "a key or nonce is not 32 octets long")
        self.booth = message
        self._digest = transcript.transcript(self.hello, body, self._nonce)
        try:
            receive, send = bindings.crypto_kx_client_session_keys(self._public, self._secret, message.ephemeral)
            self._secret_of_code = self._meet(message.share)
        except (SodiumError, CodeError) as error:
            raise HandshakeError("bad-key", "the booth's key or share is not usable") from error
        self._receive_key = transcript.stream_key(receive, self._digest, self._secret_of_code)
        self.sealer = Sealer(transcript.stream_key(send, self._digest, self._secret_of_code), self._digest)
        signature = bytes(self._keys.signing.sign(transcript.statement("specialist", self._digest)).signature)
        proof = self._confirmation("specialist")
        return handshake.encode(Reveal(nonce=self._nonce, signature=signature, header=self.sealer.header, confirmation=proof))

    def _meet(self, share: bytes) -> bytes:
        if self._code is None or self._code.kind == "link":
            return b"" if self._code is None else self._code.secret
        return cpace.intermediate_key(self._scalar, share, self._session, cpace.transcript_ir(self._share, share))

    def _confirmation(self, role: transcript.Role) -> bytes:
        return transcript.confirmation(role, self._digest, self._secret_of_code) if self._secret_of_code else b""

    def _finish(self, message: Agreed, booth: HelloBooth) -> None:
        if not verify(booth.identity, transcript.statement("booth", self._digest), message.signature):
            raise HandshakeError("bad-signature", "the booth's signature does not cover what this page has seen")
        if message.confirmation != self._confirmation("booth"):
            raise HandshakeError("code-wrong", "the booth does not know the code")
        if len(message.header) != HEADER:
            raise HandshakeError("bad-length", "a stream header has a wrong length")
        self.opener = Opener(self._receive_key, message.header, self._digest)
        self.authentication = transcript.authentication_string(self._digest)

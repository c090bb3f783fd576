"""What a booth or specialist asks of its organisation: to be listed with these keys. One line of text, to be pasted or sent.

The text is base64url without padding of lp(signature, lp(kind[1], name, identity, sealing)); the signature is Ed25519 by the identity over
lp("telecabine-enrolment-v1", the second field), so that nobody asks for a key that is not his.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

from msgspec import Struct

from protocol.directory import DirectoryError, Entry, Kind, fingerprint, lp, split, text_fits

if TYPE_CHECKING:
    from collections.abc import Callable

    from protocol.directory import Verify

_KINDS: tuple[Kind, ...] = ("booth", "specialist")


class Request(Struct, frozen=True):
    """Who asks, and with which keys: Ed25519 `identity`, X25519 `sealing`, 32 octets each."""

    kind: Kind
    name: str
    identity: bytes
    sealing: bytes

    @property
    def fingerprint(self) -> str:
        """What people compare: six groups of five digits."""
        return fingerprint(self.entry("", 0, 0))

    def entry(self, role: str, since: int, until: int) -> Entry:
        """The directory's entry for it."""
        return Entry(self.kind, self.name, role, self.identity, self.sealing, since, until)


def _body(request: Request) -> bytes:
    kind = bytes((_KINDS.index(request.kind) + 1,))
    return lp(kind, request.name.encode(), request.identity, request.sealing)


def encode(request: Request, sign: Callable[[bytes], bytes]) -> str:
    """The text; `sign` is the identity's Ed25519."""
    body = _body(request)
    signature = sign(lp(b"telecabine-enrolment-v1", body))
    return base64.urlsafe_b64encode(lp(signature, body)).decode().rstrip("=")


def decode(text: str, verify: Verify) -> Request:
    """The request of a text.

    Raises:
        DirectoryError: "request-malformed": not a request, or not signed with the key that it names.
    """
    wrong = DirectoryError("request-malformed", "this is not an enrolment request, or it was altered")
    if not re.fullmatch(r"[A-Za-z0-9_-]{40,1200}", text):
        raise wrong
    try:
        signature, body = split(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), 2)
        kind, name, identity, sealing = split(body, 4)
        request = Request({b"\1": _KINDS[0], b"\2": _KINDS[1]}[kind], name.decode(), identity, sealing)
    except (DirectoryError, UnicodeDecodeError, KeyError, binascii.Error):
        raise wrong from None
    sizes = (len(signature), len(identity), len(sealing)) == (64, 32, 32)
    if not sizes or not text_fits(request.name, empty=False) or not verify(identity, lp(b"telecabine-enrolment-v1", body), signature):
        raise wrong
    return request

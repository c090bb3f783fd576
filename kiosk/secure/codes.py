"""Codes that bring one booth and one specialist together: what they look like, and who may enter by them. Sans-IO.

A code has two parts. The place is the station's: it says where to go. The secret is made where the code is made and never reaches the station.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from nacl.utils import random

from kiosk.secure.errors import CodeError, HandshakeError

if TYPE_CHECKING:
    from collections.abc import Callable

Kind = Literal["link", "typed"]

PLACE_DIGITS = 5
SECRET_DIGITS = 6
LINK_SECRET = 16
#: wrong codes before a code is worth nothing: one in 333,333 for who guesses
TRIES = 3
_TYPED = re.compile(rf"(\d{{{PLACE_DIGITS}}})(\d{{{SECRET_DIGITS}}})", re.ASCII)
_LINK = re.compile(rf"guest\.(\d{{{PLACE_DIGITS}}})\.([A-Za-z0-9_-]{{22}})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Code:
    """One code: where to go, and what to know."""

    place: str
    secret: bytes
    kind: Kind

    def __repr__(self) -> str:
        return f"Code({self.place}, •, {self.kind})"

    @property
    def text(self) -> str:
        """What is shown, typed, scanned, or put after the # of a link."""
        if self.kind == "typed":
            return f"{self.place} {self.secret[:3].decode()} {self.secret[3:].decode()}"
        return f"guest.{self.place}.{base64.urlsafe_b64encode(self.secret).decode().rstrip('=')}"


def typed(place: str, randomness: Callable[[int], bytes] = random) -> Code:
    """A fresh code of digits for this place."""
    number = int.from_bytes(randomness(16), "big") % 10**SECRET_DIGITS
    return Code(place, f"{number:0{SECRET_DIGITS}d}".encode(), "typed")


def link(place: str, randomness: Callable[[int], bytes] = random) -> Code:
    """A fresh code of 128 bits for this place."""
    return Code(place, randomness(LINK_SECRET), "link")


def read(text: str) -> Code:
    """The code that somebody typed (spaces and hyphens do not matter) or scanned.

    Raises:
        CodeError: "code-malformed".
    """
    digits = _TYPED.fullmatch(re.sub(r"[\s.-]", "", text))
    if digits is not None:
        return Code(digits[1], digits[2].encode(), "typed")
    found = _LINK.fullmatch(text)
    if found is None:
        raise CodeError("code-malformed", f"a code has {PLACE_DIGITS + SECRET_DIGITS} digits")
    return Code(found[1], base64.urlsafe_b64decode(found[2] + "=="), "link")


class CodeGate:
    """Who may enter by one code, in its one or two forms: nobody without it.

    The first who knows it is the only one: the key is remembered, so that the same page comes back without the code.
    """

    def __init__(self, codes: tuple[Code, ...], *, expires: float, now: Callable[[], float]) -> None:
        self._codes = {code.kind: code for code in codes}
        self._expires, self._now = expires, now
        #: the key of who has come by the code
        self.admitted = b""
        self._tries = 0

    @property
    def spent(self) -> bool:
        """Whether the code was tried so often that it is worth nothing any more."""
        return self._tries >= TRIES

    def asked(self, kind: Kind | Literal[""], identity: bytes) -> Code | None:
        """The code that the page of this key must show that it knows; None when it need not.

        Raises:
            HandshakeError: "code-missing", "code-unknown", "code-used", "code-tries" or "code-expired".
        """
        if identity == self.admitted:
            return self._codes.get(kind) if kind else None
        if not kind:
            raise HandshakeError("code-missing", "the page does not know of the code that this consultation asks for")
        if self.admitted:
            raise HandshakeError("code-used", "the code has already let somebody in")
        if self.spent:
            raise HandshakeError("code-tries", "the code was tried too often")
        if self._now() >= self._expires:
            raise HandshakeError("code-expired", "the code has expired")
        code = self._codes.get(kind)
        if code is None:
            raise HandshakeError("code-unknown", "there is no code of that kind")
        return code

    def wrong(self) -> None:
        """Somebody did not know the code."""
        self._tries += 1

    def admit(self, identity: bytes) -> None:
        """Whoever holds this key knew the code."""
        self.admitted = identity

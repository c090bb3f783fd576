"""Prekeys: the X25519 keys that envelopes are sealed to, new every week, signed by the identity, and forgotten by their owner.

Who steals a specialist's browser later can open nothing whose prekey is gone: a page deletes the private half 30 days after its last day, which
is how long an envelope waits for its reader at most. Nothing is ever sealed for a booth, so booths have none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kiosk.secure.errors import TrustError
from kiosk.secure.keys import verify
from protocol.handshake import prekey_statement

if TYPE_CHECKING:
    from datetime import datetime

    from protocol.handshake import Prekey

#: how long a prekey is used, and what two clocks may differ, in ms
DAY: Final = 24 * 3600 * 1000
LASTS: Final = 7 * DAY
SKEW: Final = DAY


def checked(identity: bytes, prekey: Prekey, now: datetime) -> bytes:
    """The key to seal to.

    Raises:
        TrustError: "prekey-refused": not signed by this identity, of another week, or meant to last longer than one.
    """
    at = int(now.timestamp() * 1000)
    fits = len(prekey.key) == 32 and 0 < prekey.until - prekey.since <= LASTS
    if not fits or not prekey.since - SKEW <= at < prekey.until + SKEW:
        raise TrustError("prekey-refused", "the page's prekey is of another time: the clocks of booth or page may be wrong")
    if not verify(identity, prekey_statement(prekey.key, prekey.since, prekey.until), prekey.signature):
        raise TrustError("prekey-refused", "the page's prekey is not signed by the page's own key")
    return prekey.key

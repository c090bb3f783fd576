"""Booth <-> station and page <-> station: JSON text frames. Binary frames after Joined go to the other end unread.

A binary frame is one octet (its kind) and a body. The station never looks at the body. Between booth and station the kind of a
frame from or to the guest of a consultation has the bit GUEST set: the station sets and clears it by where the frame comes from. The kinds after SEALED
go by the socket and by the call's data channel alike, between ends that have one.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from msgspec import Struct

from protocol.codec import Codec

VERSION: Final = 1
HANDSHAKE: Final = 0
SEALED: Final = 1
#: number[8] and the record of that number (kiosk/carrier.py)
NUMBERED: Final = 2
#: token[8]; and its answer, by the same way: token[8], received[8]
PROBE: Final = 3
ECHO: Final = 4
GUEST: Final = 0x80


class Message(Struct, frozen=True, tag_field="type", rename="camel", forbid_unknown_fields=True):
    """Base of all messages of this boundary."""


class Challenge(Message, frozen=True, tag="challenge"):
    """First message of the station to a booth. `time` in ms since the epoch."""

    version: int
    origin: str
    nonce: bytes
    time: int


class BoothProof(Message, frozen=True, tag="booth-proof"):
    """A booth's Ed25519 signature over `booth_statement(origin, nonce, time, key)`."""

    key: bytes
    name: str
    signature: bytes


class SignIn(Message, frozen=True, tag="sign-in"):
    """A specialist signs in with the one-time link's token, or goes on with a session; `key` is the Ed25519 key born in the page.

    `proof` is its signature over `specialist_statement(origin, token, session, key)`: nobody reads the mail of a key that is not his.
    """

    token: str
    session: str
    key: bytes
    proof: bytes

    def __repr__(self) -> str:
        return "SignIn(•)"


class GuestSignIn(Message, frozen=True, tag="guest-sign-in"):
    """A guest comes by an invitation: `place` is the station's part of it, `name` what the guest says of himself, `key` as in `SignIn`.

    `proof` is its signature over `guest_statement(origin, place, name, key)`. The secret part of an invitation is never sent.
    """

    place: str
    name: str
    key: bytes
    proof: bytes


class SignedIn(Message, frozen=True, tag="signed-in"):
    """The sign-in holds. `session` (empty for a booth) lets the same page go on after a reload."""

    name: str
    session: str


class KeyDirectory(Message, frozen=True, tag="key-directory"):
    """The newest directory of the organisation that the station has (protocol/directory.py), after the sign-in and at each change."""

    octets: bytes


class Enrol(Message, frozen=True, tag="enrol"):
    """A signed-in page asks to be listed in the organisation's directory: the text of protocol/enrolment.py."""

    request: str


class OpenRoom(Message, frozen=True, tag="open-room", omit_defaults=True):
    """A booth waits for a specialist: a ticket, never an identity.

    `code` is the place of a doctor's code: nobody but that doctor sees the room. Once that doctor has come by it, the booth names the key itself
    in `only`, and its consultation outlives the code.
    """

    consultation: str
    ticket: str
    code: str = ""
    only: bytes = b""


class MakeCode(Message, frozen=True, tag="make-code"):
    """A specialist wants a code for one patient."""


class CodeMade(Message, frozen=True, tag="code-made"):
    """The station's part of the code, and when it ends (ms since the epoch). The page makes the secret part itself."""

    place: str
    expires: int


class Invite(Message, frozen=True, tag="invite"):
    """A booth wants to let a guest into its consultation."""

    consultation: str


class Invited(Message, frozen=True, tag="invited"):
    """The station's part of the invitation, and when it ends (ms since the epoch). The booth makes the secret parts itself."""

    consultation: str
    place: str
    expires: int


class CloseCode(Message, frozen=True, tag="close-code"):
    """Who made this code takes it back: used, tried too often, or not wanted any more. A guest who has come by it stays."""

    place: str


class DismissGuest(Message, frozen=True, tag="dismiss-guest"):
    """The booth's guest has to go, and does not come back by the same invitation."""

    consultation: str


class Wait(Message, frozen=True, tag="wait"):
    """To a booth that waits: how long the middle half of the station's last consultations waited, in ms. Sent once enough are known."""

    consultation: str
    shortest: int
    longest: int


class CloseRoom(Message, frozen=True, tag="close-room"):
    """The booth's consultation is over."""

    consultation: str


class Entry(Struct, frozen=True, rename="camel", omit_defaults=True):
    """One booth in the waiting room; `since` in ms since the epoch, `busy` when a specialist is in, `code` the place by which it came."""

    consultation: str
    booth: str
    ticket: str
    since: int
    busy: bool
    code: str = ""


class WaitingRoom(Message, frozen=True, tag="waiting-room"):
    """Who waits, pushed to every signed-in specialist at each change."""

    entries: tuple[Entry, ...]


class Join(Message, frozen=True, tag="join"):
    """A specialist enters a consultation."""

    consultation: str


class IceServer(Struct, frozen=True, rename="camel"):
    """A STUN or TURN server for this consultation."""

    urls: str
    username: str
    credential: str


class Joined(Message, frozen=True, tag="joined", omit_defaults=True):
    """To both ends: the other one is there; binary frames flow from now on. `peer` is its name as the station knows it.

    `guest`, to a booth: who has come is the guest of the consultation, not its specialist.
    """

    consultation: str
    peer: str
    ice_servers: tuple[IceServer, ...]
    guest: bool = False


class Relays(Message, frozen=True, tag="relays"):
    """To a booth that tests the network before a call (protocol/network_test.py): the relays of a call, with credentials for a minute or two."""

    ice_servers: tuple[IceServer, ...]


class Left(Message, frozen=True, tag="left", omit_defaults=True):
    """To the remaining end: the other one is gone; `guest` as in `Joined`."""

    consultation: str
    guest: bool = False


class Deposit(Message, frozen=True, tag="deposit"):
    """A sealed envelope for the mailbox of `recipient` (Ed25519 key). The same id twice is one envelope."""

    id: str
    recipient: bytes
    envelope: bytes


class Deposited(Message, frozen=True, tag="deposited"):
    """The envelope is on the station's disk."""

    id: str


class Mail(Message, frozen=True, tag="mail"):
    """An envelope for the signed-in specialist, with the key of the booth that deposited it."""

    id: str
    sender: bytes
    envelope: bytes


class Receipt(Message, frozen=True, tag="receipt"):
    """The specialist has opened and shown an envelope: Ed25519 over `receipt_statement(id, at)`. The station deletes and passes it on."""

    id: str
    at: int
    signature: bytes


class Refused(Message, frozen=True, tag="refused"):
    """What was asked is refused; `reason` is a text key ("unknown-key", "bad-token", "already-joined", "no-such-consultation", ...)."""

    reason: str
    detail: str


FromBooth: TypeAlias = BoothProof | OpenRoom | CloseRoom | Deposit | Invite | CloseCode | DismissGuest
ToBooth: TypeAlias = Challenge | Wait | SignedIn | KeyDirectory | Joined | Left | Deposited | Receipt | Refused | Invited | Relays
FromPage: TypeAlias = SignIn | GuestSignIn | Enrol | Join | Receipt | CloseRoom | MakeCode | CloseCode
ToPage: TypeAlias = SignedIn | KeyDirectory | WaitingRoom | Joined | Left | Mail | Refused | CodeMade

from_booth: Codec[FromBooth] = Codec(FromBooth, "json")
to_booth: Codec[ToBooth] = Codec(ToBooth, "json")
from_page: Codec[FromPage] = Codec(FromPage, "json")
to_page: Codec[ToPage] = Codec(ToPage, "json")


def _fields(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def booth_statement(origin: str, nonce: bytes, time: int, key: bytes) -> bytes:
    """What a booth signs to sign in: length-prefixed fields, so that no two statements share bytes."""
    return _fields(b"telecabine-sign-in-v1", origin.encode(), nonce, time.to_bytes(8, "big"), key)


def specialist_statement(origin: str, token: str, session: str, key: bytes) -> bytes:
    """What a specialist signs to sign in: shows that the key is held, at this station, for this token or session."""
    return _fields(b"telecabine-specialist-v1", origin.encode(), token.encode(), session.encode(), key)


def guest_statement(origin: str, place: str, name: str, key: bytes) -> bytes:
    """What a guest signs to sign in."""
    return _fields(b"telecabine-guest-v1", origin.encode(), place.encode(), name.encode(), key)


def receipt_statement(envelope_id: str, at: int) -> bytes:
    """What a specialist signs to say that an envelope was seen."""
    return _fields(b"telecabine-receipt-v1", envelope_id.encode(), at.to_bytes(8, "big"))

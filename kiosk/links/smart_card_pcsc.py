"""PC/SC by ctypes on libpcsclite, so that no compiler is needed on the booth. Blocking calls: only for the card processes.

Protocol: pcsc-lite's winscard.h. There DWORD and LONG are `long`, and the ATR of a reader state has room for 33 octets.
"""

from __future__ import annotations

import contextlib
import ctypes
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drivers.identity import CardError, CardProblem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CHANGED, EMPTY, PRESENT, MUTE = 0x0002, 0x0010, 0x0020, 0x0200
#: the pseudo-reader that tells when readers come and go
PNP = "\\\\?PnP?\\Notification"

_SYSTEM_SCOPE, _SHARED, _T0_OR_T1, _UNPOWER, _LEAVE = 2, 2, 3, 2, 0
TIMEOUT, CANCELLED, NO_READERS, UNKNOWN_READER = 0x8010000A, 0x80100002, 0x8010002E, 0x80100009
_LONGEST = 65538

_PROBLEMS = {
    0x8010000C: CardProblem.NO_CARD,
    0x80100066: CardProblem.MUTE,
    0x80100067: CardProblem.MUTE,
    0x8010000F: CardProblem.MUTE,
    0x80100065: CardProblem.MUTE,
    0x8010000B: CardProblem.BUSY,
    0x80100009: CardProblem.NO_READER,
    0x80100017: CardProblem.NO_READER,
    0x8010002E: CardProblem.NO_READER,
    0x8010001D: CardProblem.SERVICE_LOST,
    0x8010001E: CardProblem.SERVICE_LOST,
    0x80100013: CardProblem.SERVICE_LOST,
    0x80100003: CardProblem.SERVICE_LOST,
    0x8010006A: CardProblem.SERVICE_LOST,
}


class PcscError(CardError):
    """What libpcsclite answered. A code without a meaning of its own counts as a card that is gone."""

    def __init__(self, code: int) -> None:
        super().__init__(_PROBLEMS.get(code, CardProblem.REMOVED), f"PC/SC 0x{code:08X}")
        self.code = code


class _ReaderState(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p),
        ("user", ctypes.c_void_p),
        ("current", ctypes.c_ulong),
        ("event", ctypes.c_ulong),
        ("length", ctypes.c_ulong),
        ("atr", ctypes.c_ubyte * 33),
    ]


class _Request(ctypes.Structure):
    _fields_ = [("protocol", ctypes.c_ulong), ("length", ctypes.c_ulong)]


@dataclass(frozen=True, slots=True)
class ReaderState:
    """Flags in the low 16 bits of `word`, a counter of insertions and removals in the high 16. The ATR is empty without a card."""

    word: int
    atr: bytes

    @property
    def present(self) -> bool:
        """Whether a card is in the reader."""
        return bool(self.word & PRESENT)

    @property
    def mute(self) -> bool:
        """Whether the card does not answer."""
        return bool(self.word & MUTE)

    @property
    def generation(self) -> int:
        """The counter of insertions and removals; it starts again with pcscd."""
        return self.word >> 16 & 0xFFFF


def _check(code: int) -> None:
    if code:
        raise PcscError(code & 0xFFFFFFFF)


class Pcsc:
    """One context with pcscd. Every method raises PcscError."""

    def __init__(self) -> None:
        try:
            self.library = ctypes.CDLL("libpcsclite.so.1")
        except OSError:
            raise CardError(CardProblem.SERVICE_LOST, "libpcsclite1 is not installed") from None
        for name in ("EstablishContext", "ReleaseContext", "ListReaders", "GetStatusChange", "Connect", "Disconnect", "Transmit"):
            getattr(self.library, f"SCard{name}").restype = ctypes.c_long
        for name in ("BeginTransaction", "EndTransaction"):
            getattr(self.library, f"SCard{name}").restype = ctypes.c_long
        self._context = ctypes.c_long()
        _check(self.library.SCardEstablishContext(ctypes.c_ulong(_SYSTEM_SCOPE), None, None, ctypes.byref(self._context)))

    def __enter__(self) -> Pcsc:
        return self

    def __exit__(self, *_: object) -> None:
        self.library.SCardReleaseContext(self._context)

    def readers(self) -> tuple[str, ...]:
        """The names of all readers; none is not an error."""
        length = ctypes.c_ulong(0)
        try:
            _check(self.library.SCardListReaders(self._context, None, None, ctypes.byref(length)))
            names = ctypes.create_string_buffer(length.value)
            _check(self.library.SCardListReaders(self._context, None, names, ctypes.byref(length)))
        except PcscError as error:
            if error.code == NO_READERS:
                return ()
            raise
        return tuple(name.decode(errors="replace") for name in names.raw[: length.value].split(b"\0") if name)

    def states(self, known: Mapping[str, int], timeout_ms: int) -> dict[str, ReaderState]:
        """Wait until a reader's state differs from the `known` word (0: tell at once), and give every state."""
        names = list(known)
        states = (_ReaderState * len(names))()
        for state, name in zip(states, names, strict=True):
            state.name, state.current = name.encode(), known[name]
        _check(self.library.SCardGetStatusChange(self._context, ctypes.c_ulong(timeout_ms), states, ctypes.c_ulong(len(names))))
        return {name: ReaderState(state.event, bytes(state.atr[: state.length])) for state, name in zip(states, names, strict=True)}

    @contextlib.contextmanager
    def card(self, reader: str) -> Iterator[Card]:
        """The card in a reader, in one transaction; afterwards it is powered down, so that nobody finds a file selected."""
        handle, protocol = ctypes.c_long(), ctypes.c_ulong()
        _check(
            self.library.SCardConnect(
                self._context,
                reader.encode(),
                ctypes.c_ulong(_SHARED),
                ctypes.c_ulong(_T0_OR_T1),
                ctypes.byref(handle),
                ctypes.byref(protocol),
            )
        )
        try:
            _check(self.library.SCardBeginTransaction(handle))
            yield Card(self.library, handle, protocol.value)
            _check(self.library.SCardEndTransaction(handle, ctypes.c_ulong(_LEAVE)))
        finally:
            self.library.SCardDisconnect(handle, ctypes.c_ulong(_UNPOWER))


class Card:
    """A connected card."""

    def __init__(self, library: ctypes.CDLL, handle: ctypes.c_long, protocol: int) -> None:
        self._library = library
        self._handle = handle
        self._protocol = protocol

    def transmit(self, command: bytes) -> bytes:
        """Send one APDU and give the response as it came. Blocks for ever when the card says nothing: run it where it can be killed."""
        answer = ctypes.create_string_buffer(_LONGEST)
        length = ctypes.c_ulong(_LONGEST)
        request = _Request(self._protocol, ctypes.sizeof(_Request))
        size = ctypes.c_ulong(len(command))
        _check(self._library.SCardTransmit(self._handle, ctypes.byref(request), command, size, None, answer, ctypes.byref(length)))
        return answer.raw[: length.value]

"""How a card driver talks: a generator that yields command APDUs and is sent the response APDUs. No I/O here.

Protocol: ISO/IEC 7816-4. Only reading commands exist: SELECT, READ BINARY, READ RECORD, GET RESPONSE, GET DATA. VERIFY never leaves the
booth, so no PIN try is ever burnt.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TypeVar

from drivers.identity import CardError, CardProblem

T = TypeVar("T")
#: yields command APDUs, is sent response APDUs (data and the two status octets), returns what was read
Exchange = Generator[bytes, bytes, T]
Transmit = Callable[[bytes], bytes]

#: SELECT, READ BINARY, READ RECORD, GET RESPONSE, GET DATA
ALLOWED = frozenset({0xA4, 0xB0, 0xB2, 0xC0, 0xCA})

LARGEST_FILE = 16384
_LONGEST_ANSWER = 65538
_LONGEST_CHAIN = 64
#: more commands than any card of ours needs for two reads; a card that asks for more goes round in circles
MOST_COMMANDS = 2000

OK = 0x9000
END_OF_FILE = 0x6282
PAST_END = 0x6B00


def allowed(command: bytes) -> bytes:
    """The command, if it only reads.

    Raises:
        CardError: it is not on the list.
    """
    if not 4 <= len(command) <= 261 or command[1] not in ALLOWED:
        raise CardError(CardProblem.COMMAND)
    return command


def carry(exchange: Exchange[T], transmit: Transmit) -> T:
    """Run a driver over a channel. `transmit` takes a command and gives the response, or raises CardError.

    Raises:
        CardError: from the driver or the channel, or the card needs too many commands.
    """
    try:
        command = next(exchange)
        for _ in range(MOST_COMMANDS):
            command = exchange.send(transmit(allowed(command)))
    except StopIteration as finished:
        return finished.value  # type: ignore[no-any-return]
    exchange.close()
    raise CardError(CardProblem.TOO_LARGE, "too many commands")


def command(apdu: bytes) -> Exchange[tuple[bytes, int]]:
    """Send one command and gather its whole answer: 61xx is followed by GET RESPONSE, 6Cxx by the same command with that length."""
    data = b""
    wanted = apdu
    for _ in range(_LONGEST_CHAIN):
        response = yield wanted
        if not 2 <= len(response) <= _LONGEST_ANSWER:
            raise CardError(CardProblem.DATA, "an answer without status")
        body, first, second = response[:-2], response[-2], response[-1]
        if first == 0x6C:
            data, wanted = b"", wanted[:4] + bytes((second,)) if len(wanted) <= 5 else wanted + bytes((second,))
            continue
        data += body
        if len(data) > LARGEST_FILE:
            raise CardError(CardProblem.TOO_LARGE)
        if first != 0x61:
            return data, first << 8 | second
        wanted = bytes((apdu[0] & 0xEF, 0xC0, 0, 0, second))
    raise CardError(CardProblem.TOO_LARGE, "an answer without end")


def select(p1: int, p2: int, name: str) -> Exchange[bool]:
    """SELECT an application, directory or file by `name` in hex. True when the card has it."""
    data = bytes.fromhex(name)
    _, status = yield from command(bytes((0, 0xA4, p1, p2, len(data))) + data)
    return status == OK


def need(p1: int, p2: int, name: str) -> Exchange[None]:
    """SELECT what the driver cannot do without."""
    if not (yield from select(p1, p2, name)):
        raise CardError(CardProblem.DATA, "a file that this card must have is missing")


def read_file(*, sfi: int = 0, step: int = 0xF8, limit: int = LARGEST_FILE, wanted: int = 0) -> Exchange[bytes]:
    """READ BINARY from the start to the end of the file, or to `wanted` octets where the driver knows the length.

    `sfi` reads by short file identifier, else the selected file is read. A short answer, 6282 or 6B00 ends the file.
    """
    data = b""
    while not wanted or len(data) < wanted:
        at = len(data)
        if at > limit:
            raise CardError(CardProblem.TOO_LARGE)
        p1, p2 = (0x80 | sfi, at) if sfi and at < 256 else divmod(at, 256)
        length = min(step, wanted - at) if wanted else step
        piece, status = yield from command(bytes((0, 0xB0, p1, p2, length)))
        if status not in {OK, END_OF_FILE, PAST_END}:
            if at and not wanted:
                raise CardError(CardProblem.DATA, "the file cannot be read to its end")
            raise CardError(CardProblem.DATA, "the file cannot be read")
        if len(piece) > length:
            raise CardError(CardProblem.TOO_LARGE, "more than was asked for")
        data += piece
        if status != OK or len(piece) < length:
            break
    return data

"""Codes by camera picture and by serial hand scanner: bytes in, an identity candidate or a CodeError out.

The camera route uses zxing-cpp and takes the raw bytes of a code, never its text (the text spells separators out). A hand scanner on a
serial port (USB-CDC) sends the bytes as they are, closed by CR, LF or a pause.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import serial
import zxingcpp

from drivers.cards import ins_datamatrix
from drivers.identity import CodeError, CodeProblem, IdentityCandidate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

#: a code that is longer than this is noise, or an attack
_LONGEST = 600
#: a scanner sends its code in one go: this silence ends it
PAUSE_S = 0.2
_CHUNK = 4096
#: a doctor's code as the specialist's page draws it
_DOCTOR = re.compile(rb"\d{5} ?\d{3} ?\d{3}")
_RETRY_S = 1.0

#: matrix codes, and the bar codes that are on what a pharmacist has at hand, so that the screen can say what was wrong
_FORMATS = zxingcpp.barcode_formats_from_str("DataMatrix,QRCode,Code128,EAN13")


def codes_in(grey: bytes | bytearray | memoryview, width: int, height: int) -> tuple[bytes, ...]:
    """The bytes of every different code in a grey picture of one octet a pixel, row by row without padding.

    Raises:
        CodeError: the buffer is not of that size.
    """
    view = memoryview(grey)
    if width <= 0 or height <= 0 or not view.c_contiguous or view.nbytes != width * height:
        raise CodeError(CodeProblem.IMAGE, "the picture is not of the size it claims")
    shaped = view.cast("B").cast("B", (height, width))
    return tuple(dict.fromkeys(bytes(code.bytes) for code in zxingcpp.read_barcodes(shaped, formats=_FORMATS)))


def identity_in(codes: tuple[bytes, ...], *, test: bool = False) -> IdentityCandidate:
    """The identity among the codes of one picture; other codes beside it are left alone.

    Raises:
        CodeError: there is no code, no INS code, more than one INS code, or the one there is is refused.
    """
    if not codes:
        raise CodeError(CodeProblem.NO_CODE)
    ours = [code for code in codes if code.startswith(b"IS")] or [codes[0]]
    if len(ours) > 1:
        raise CodeError(CodeProblem.SEVERAL_CODES)
    return ins_datamatrix.read(ours[0], test=test)


async def look(grey: bytes | bytearray | memoryview, width: int, height: int, *, test: bool = False) -> IdentityCandidate:
    """Read the identity of one camera frame without holding up the event loop. Raises CodeError as `identity_in` does."""
    return identity_in(await asyncio.to_thread(codes_in, grey, width, height), test=test)


class Cutter(Protocol):
    """Cuts what a scanner sends into codes. Sans-IO."""

    @property
    def open(self) -> bool:
        """Whether a code has begun and is not closed yet."""

    def receive(self, data: bytes) -> Iterator[bytes]:
        """Yield each code that is closed."""

    def pause(self) -> Iterator[bytes]:
        """Yield what a silence closes."""


class Scans:
    """Cuts the octets of a hand scanner into codes. Sans-IO: `receive` what comes, call `pause` after a silence."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def receive(self, data: bytes) -> Iterator[bytes]:
        """Yield each code that CR or LF closes. One that is too long comes cut at the limit, to be refused."""
        for octet in data:
            if octet in b"\r\n":
                yield from self.pause()
            elif len(self._pending) < _LONGEST:
                self._pending.append(octet)

    @property
    def open(self) -> bool:
        """Whether a code has begun and is not closed yet."""
        return bool(self._pending)

    def pause(self) -> Iterator[bytes]:
        """Yield what a silence closes."""
        if self._pending:
            code = bytes(self._pending)
            self._pending.clear()
            yield code


@dataclass(frozen=True, slots=True)
class ScannerState:
    """Whether the hand scanner is there."""

    up: bool


@dataclass(frozen=True, slots=True)
class DoctorCode:
    """Eleven digits: the code that a doctor has given a patient. No identity."""

    text: str

    def __repr__(self) -> str:
        return "DoctorCode(•)"


class HandScanner:
    """A serial hand scanner by its stable name under /dev/serial/by-id, opened again by itself when it was unplugged."""

    def __init__(self, port: str, *, baud: int = 9600, test: bool = False, retry_s: float = _RETRY_S) -> None:
        self._port = port
        self._baud = baud
        self._test = test
        self._retry_s = retry_s

    async def events(self) -> AsyncIterator[IdentityCandidate | DoctorCode | CodeError | ScannerState]:
        """Yield candidates, refusals, and when the scanner comes and goes. Runs until it is closed."""
        while True:
            try:
                line = serial.Serial(self._port, self._baud, timeout=0, exclusive=True)
            except OSError:
                await asyncio.sleep(self._retry_s)
                continue
            try:
                yield ScannerState(up=True)
                async for code in codes_of(line.fileno(), line.read, Scans()):
                    yield judge(code, test=self._test)
            finally:
                line.close()
            yield ScannerState(up=False)


def judge(code: bytes, *, test: bool = False) -> IdentityCandidate | DoctorCode | CodeError:
    """What one scanned code says, or why it is refused."""
    if _DOCTOR.fullmatch(code):
        return DoctorCode(code.decode("ascii"))
    try:
        return ins_datamatrix.read(code, test=test)
    except CodeError as error:
        return error


async def codes_of(descriptor: int, read: Callable[[int], bytes], scans: Cutter) -> AsyncIterator[bytes]:
    """The codes that come through an open descriptor, until reading it fails. `read` takes a size and does not block."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(descriptor, ready.set)
    try:
        while True:
            try:
                await asyncio.wait_for(ready.wait(), PAUSE_S if scans.open else None)
            except TimeoutError:
                for code in scans.pause():
                    yield code
                continue
            ready.clear()
            try:
                data = read(_CHUNK)
            except OSError:
                return
            for code in scans.receive(data):
                yield code
    finally:
        loop.remove_reader(descriptor)

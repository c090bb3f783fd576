"""A hand scanner that pretends to be a keyboard: read only while its one input device is grabbed, so that no number leaks into a window.

Protocol: Linux evdev (linux/input.h, linux/input-event-codes.h). The scanner must be set to the US layout or to ALT mode (each character
as Alt and its decimal number on the keypad); GS comes as Ctrl-] or Alt-029.
"""

from __future__ import annotations

import asyncio
import fcntl
import functools
import os
import struct
from typing import TYPE_CHECKING

from kiosk.links.scanner import DoctorCode, ScannerState, Scans, codes_of, judge

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from drivers.identity import CodeError, IdentityCandidate

_EVIOCGRAB = 0x40044590
_EVENT = struct.Struct("@llHHi")
_EV_KEY = 1
_RELEASED, _PRESSED = 0, 1
_ENTER = frozenset({28, 96})
_SHIFT = frozenset({42, 54})
_CONTROL = frozenset({29, 97})
_ALT = frozenset({56, 100})
_RIGHT_BRACE = 27
_GS = 0x1D

#: key code of the first key of a row -> what its keys give without and with Shift on a US keyboard
_ROWS = (
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    (57, " ", " "),
)
_PLAIN = {first + place: ord(key) for first, keys, _ in _ROWS for place, key in enumerate(keys)}
_SHIFTED = {first + place: ord(key) for first, _, keys in _ROWS for place, key in enumerate(keys)}
_KEYPAD = {71: 7, 72: 8, 73: 9, 75: 4, 76: 5, 77: 6, 79: 1, 80: 2, 81: 3, 82: 0}


class Wedge:
    """Turns input events into codes. Sans-IO: `receive` what the device gave, call `pause` after a silence."""

    def __init__(self) -> None:
        self._scans = Scans()
        self._held: set[int] = set()
        self._alt_number = -1
        self._rest = b""

    def receive(self, data: bytes) -> Iterator[bytes]:
        """Yield each code that Enter closes."""
        data = self._rest + data
        whole = len(data) - len(data) % _EVENT.size
        self._rest = data[whole:]
        for _, _, kind, key, value in _EVENT.iter_unpack(data[:whole]):
            if kind != _EV_KEY:
                continue
            if value == _PRESSED:
                yield from self._scans.receive(self._press(key))
            elif value == _RELEASED:
                yield from self._scans.receive(self._release(key))

    @property
    def open(self) -> bool:
        """Whether a code has begun and is not closed yet."""
        return self._scans.open

    def pause(self) -> Iterator[bytes]:
        """Yield what a silence closes."""
        return self._scans.pause()

    def _press(self, key: int) -> bytes:
        if key in _SHIFT | _CONTROL | _ALT:
            self._held.add(key)
            return b""
        if self._held & _ALT and key in _KEYPAD:
            self._alt_number = min(max(self._alt_number, 0) * 10 + _KEYPAD[key], 256)
            return b""
        if key in _ENTER:
            return b"\n"
        if self._held & _CONTROL:
            return bytes((_GS,)) if key == _RIGHT_BRACE else b""
        typed = (_SHIFTED if self._held & _SHIFT else _PLAIN).get(key)
        return b"" if typed is None else bytes((typed,))

    def _release(self, key: int) -> bytes:
        self._held.discard(key)
        if key not in _ALT or self._alt_number < 0:
            return b""
        number, self._alt_number = self._alt_number, -1
        return bytes((number,)) if number < 256 else b"\xff"


def open_grabbed(device: str) -> int:
    """Open an input device (/dev/input/by-id/...-event-kbd) for this process alone and return its descriptor.

    Raises:
        OSError: it cannot be opened or grabbed; it is never read without the grab.
    """
    descriptor = os.open(device, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.ioctl(descriptor, _EVIOCGRAB, 1)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


class WedgeScanner:
    """A keyboard-wedge scanner by its stable name under /dev/input/by-id, grabbed again by itself when it was unplugged."""

    def __init__(self, device: str, *, test: bool = False, retry_s: float = 1.0, open_device: Callable[[str], int] = open_grabbed) -> None:
        self._device = device
        self._test = test
        self._retry_s = retry_s
        self._open_device = open_device

    async def events(self) -> AsyncIterator[IdentityCandidate | DoctorCode | CodeError | ScannerState]:
        """Yield candidates, refusals, and when the scanner comes and goes. Runs until it is closed."""
        while True:
            try:
                descriptor = self._open_device(self._device)
            except OSError:
                await asyncio.sleep(self._retry_s)
                continue
            try:
                yield ScannerState(up=True)
                async for code in codes_of(descriptor, functools.partial(_read, descriptor), Wedge()):
                    yield judge(code, test=self._test)
            finally:
                os.close(descriptor)
            yield ScannerState(up=False)


def _read(descriptor: int, size: int) -> bytes:
    """What is there now; an input device that was unplugged raises ENODEV, and an end of file counts as that."""
    try:
        data = os.read(descriptor, size)
    except BlockingIOError:
        return b""
    if not data:
        raise OSError("the input device is gone")
    return data

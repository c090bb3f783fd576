"""The near end of `protocol.remote`, for scripts: blocking, standard library only (no Qt)."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

from protocol.codec import LIMIT
from protocol.remote import Done, Failed, Grab, Read, Tap, ToRemote, Type, from_remote, to_remote

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class ScreenError(Exception):
    """The screen could not do it, or did not show it in time; `str` says what."""


class RemoteScreen:
    """One script at a screen. Every call returns after the frame that shows its effect on the screen itself was presented."""

    def __init__(self, path: str | Path, patience: float = 10.0) -> None:
        """Connect, waiting up to `patience` seconds for the screen to listen; no later call waits longer either.

        Raises:
            ScreenError: nobody listens.
        """
        self.patience = patience
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.settimeout(patience)
        deadline = time.monotonic() + patience
        while True:
            try:
                self._socket.connect(str(path))
            except (FileNotFoundError, ConnectionRefusedError):
                if time.monotonic() > deadline:
                    self._socket.close()
                    raise ScreenError(f"no screen listens within {patience:g} s") from None
                time.sleep(0.02)  # nothing tells when a socket appears
            else:
                return

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def tap(self, name: str) -> Done:
        """Tap it."""
        return self._ask(Tap(name))

    def type(self, name: str, text: str) -> Done:
        """Replace its text."""
        return self._ask(Type(name, text))

    def grab(self, path: str | Path) -> Done:
        """Save a PNG."""
        return self._ask(Grab(str(path)))

    def read(self, name: str) -> Done:
        """What it shows now."""
        return self._ask(Read(name))

    def until(self, name: str, wanted: Callable[[Done], bool], what: str) -> Done:
        """Read it frame by frame until `wanted` is true.

        Raises:
            ScreenError: not within the patience; names `what` was awaited and what was there.
        """
        deadline = time.monotonic() + self.patience
        while True:
            seen = self.read(name)
            if wanted(seen):
                return seen
            if time.monotonic() > deadline:
                raise ScreenError(f"waited {self.patience:g} s for {what}; {name} shows {seen.text!r}, visible {seen.visible}")

    def until_screen(self, screen: str) -> None:
        """Wait for this screen (docs/ui.md).

        Raises:
            ScreenError: it does not come.
        """
        self.until("screen", lambda seen: seen.text == screen, f"the screen {screen}")

    def _ask(self, request: ToRemote) -> Done:
        try:
            self._socket.send(to_remote.encode(request))
            data = self._socket.recv(LIMIT)
        except OSError as error:
            raise ScreenError(f"the screen is gone: {error}") from None
        if not data:
            raise ScreenError("the screen is gone")
        answer = from_remote.decode(data)
        if isinstance(answer, Failed):
            raise ScreenError(answer.reason)
        return answer

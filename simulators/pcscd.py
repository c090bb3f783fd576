"""A real pcscd of one's own with virtual readers, for tests and training on a machine without a card reader. Never on a booth.

It listens on a socket of its own (handed over as systemd hands one over), so it neither meets nor disturbs a pcscd of the machine. vpcd
listens on every address of the machine, so the package that holds it must not be installed where patients are.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from drivers.identity import CardError
from kiosk.links.smart_card_pcsc import Pcsc
from simulators.card import VirtualReader

if TYPE_CHECKING:
    from types import TracebackType

_PCSCD = "/usr/sbin/pcscd"
_DRIVER = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"
#: where clients look for the service; libpcsclite reads it once in the life of a process, so it is one path a process
_VARIABLE = "PCSCLITE_CSOCK_NAME"
_SOCKET = Path(tempfile.gettempdir()) / f"telecabine-pcscd-{os.getpid()}.comm"
#: takes the place of systemd: the listening socket is descriptor 3
_HAND_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
"""


class PcscdError(RuntimeError):
    """The card service of the simulation did not start."""


class Pcscd:
    """One pcscd with two slots (`names`), each with a VirtualReader. This process and those it starts use it; one at a time."""

    names = ("Simulated Reader 00 00", "Simulated Reader 00 01")

    def __init__(self, directory: Path) -> None:
        self._configuration = directory / "pcscd"
        port = _free_ports()
        self.readers = (VirtualReader(port), VirtualReader(port + 1))
        self._process: subprocess.Popen[bytes] | None = None
        self._before = os.environ.get(_VARIABLE)
        self._configuration.mkdir(parents=True, exist_ok=True)
        (self._configuration / "readers").write_text(
            f'FRIENDLYNAME "Simulated Reader"\nDEVICENAME /dev/null:{port}\nLIBPATH {_DRIVER}\nCHANNELID {port}\n'
        )

    def __enter__(self) -> Pcscd:
        os.environ[_VARIABLE] = str(_SOCKET)
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for reader in self.readers:
            reader.close()
        self._end(kill=False)
        if self._before is None:
            os.environ.pop(_VARIABLE, None)
        else:
            os.environ[_VARIABLE] = self._before

    def start(self, deadline_s: float = 20.0) -> None:
        """Start the service and wait until both slots are there.

        Raises:
            PcscdError: it is not installed or does not come up.
        """
        if not Path(_PCSCD).exists() or not Path(_DRIVER).exists():
            raise PcscdError("the packages pcscd and vsmartcard-vpcd are needed")
        _SOCKET.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(_SOCKET))
            listening.listen(16)
            handle = listening.fileno()
            service = [_PCSCD, "--foreground", "--critical", "-c", str(self._configuration)]
            self._process = subprocess.Popen(
                [sys.executable, "-c", _HAND_OVER, str(handle), *service], stdin=subprocess.DEVNULL, pass_fds=(handle,)
            )
        pause = threading.Event()
        for _ in range(int(deadline_s / 0.02)):
            if self._process.poll() is not None:
                raise PcscdError(f"pcscd ended with status {self._process.returncode}")
            if _names() == self.names:
                return
            pause.wait(0.02)
        self._end(kill=True)
        raise PcscdError("pcscd did not come up")

    def kill(self) -> None:
        """End the service at once, as a crash would."""
        self._end(kill=True)

    def _end(self, *, kill: bool) -> None:
        process, self._process = self._process, None
        if process is not None:
            (process.kill if kill else process.terminate)()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        _SOCKET.unlink(missing_ok=True)


def _names() -> tuple[str, ...]:
    try:
        with Pcsc() as pcsc:
            return pcsc.readers()
    except CardError:
        return ()


def _free_ports() -> int:
    """The first of two neighbouring ports that nobody listens on now."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("", port + 1))
            except (OSError, OverflowError):
                continue
            return port

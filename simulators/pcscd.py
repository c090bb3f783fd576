"""A real pcscd of one's own with virtual readers, for tests and training on a machine without a card reader. Never on a booth.

vpcd listens on every address of the machine, so the package that holds it must not be installed where patients are.
"""

from __future__ import annotations

import fcntl
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from simulators.card import VirtualReader

if TYPE_CHECKING:
    from types import TracebackType

_PCSCD = "/usr/sbin/pcscd"
_DRIVER = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"
_SOCKET = Path("/run/pcscd/pcscd.comm")
_LOCK = Path("/run/lock/telecabine-pcscd")


class PcscdError(RuntimeError):
    """The card service of the simulation did not start."""


class Pcscd:
    """One pcscd with two slots (`names`), each with a VirtualReader. There is one a machine: a lock makes others wait."""

    names = ("Simulated Reader 00 00", "Simulated Reader 00 01")

    def __init__(self, directory: Path, *, port: int = 36101) -> None:
        self._directory = directory
        _LOCK.parent.mkdir(parents=True, exist_ok=True)
        self._lock = _LOCK.open("w")
        self.readers = (VirtualReader(port), VirtualReader(port + 1))
        self._process: subprocess.Popen[bytes] | None = None
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "readers").write_text(
            f'FRIENDLYNAME "Simulated Reader"\nDEVICENAME /dev/null:{port}\nLIBPATH {_DRIVER}\nCHANNELID {port}\n'
        )

    def __enter__(self) -> Pcscd:
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for reader in self.readers:
            reader.close()
        self.stop()
        self._lock.close()

    def start(self, deadline_s: float = 10.0) -> None:
        """Start the service and wait until it takes clients.

        Raises:
            PcscdError: it is not installed, another one runs, or it does not come up.
        """
        if not Path(_PCSCD).exists() or not Path(_DRIVER).exists():
            raise PcscdError("the packages pcscd and vsmartcard-vpcd are needed")
        if _SOCKET.exists():
            raise PcscdError(f"another pcscd owns {_SOCKET}")
        _SOCKET.parent.mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen([_PCSCD, "--foreground", "--critical", "-c", str(self._directory)], stdin=subprocess.DEVNULL)
        pause = threading.Event()
        for _ in range(int(deadline_s / 0.02)):
            if _SOCKET.exists():
                return
            if self._process.poll() is not None:
                raise PcscdError(f"pcscd ended with status {self._process.returncode}")
            pause.wait(0.02)
        self.stop()
        raise PcscdError("pcscd did not come up")

    def stop(self) -> None:
        """End the service as a system would."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self.kill()
            self._process = None

    def kill(self) -> None:
        """End the service at once, as a crash would: what it leaves behind is removed, as systemd does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        _SOCKET.unlink(missing_ok=True)
        Path("/run/pcscd/pcscd.pid").unlink(missing_ok=True)

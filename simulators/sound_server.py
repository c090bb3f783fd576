"""A sound server of its own with a simulated sound card: PipeWire and WirePlumber as in a booth, with the booth's echo canceller, and nothing of the machine's.

The card is a loudspeaker "room.loudspeaker" and a microphone "room.microphone"; who uses it decides what the microphone hears. Wanted: Debian's
pipewire, wireplumber, libspa-0.2-modules, pipewire-alsa and dbus.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

#: what a booth's technician installs
CONFIGURATION: Final = Path(__file__).parents[1] / "systemd" / "pipewire" / "telecabine-echo-cancel.conf"
#: a loaded machine takes so long to start three programs, in seconds
PATIENCE: Final = 30.0

_CARD: Final = """context.objects = [
    { factory = adapter args = { factory.name = support.null-audio-sink node.name = room.loudspeaker media.class = Audio/Sink
        audio.position = [ FL FR ] priority.session = 1000 priority.driver = 1000 object.linger = true } }
    { factory = adapter args = { factory.name = support.null-audio-sink node.name = room.microphone media.class = Audio/Source/Virtual
        audio.position = [ MONO ] priority.session = 1000 priority.driver = 900 object.linger = true } }
]
context.exec = [ { path = "wireplumber" args = "" } ]
"""
#: what WirePlumber does for the booth's two devices: it leads them to the card
_LED: Final = {("telecabine.playback", "room.loudspeaker"), ("room.microphone", "telecabine.capture")}
#: before every other work of the machine
_FIRST: Final = ("chrt", "-f", "30") if os.geteuid() == 0 else ()
#: who is killed leaves none of them running
_TOGETHER: Final = ("setpriv", "--pdeathsig", "TERM")
#: the machine's own cards, cameras and headsets are not touched
_NOTHING_ELSE: Final = {
    "main.lua.d": "alsa_monitor.enabled = false\nv4l2_monitor.enabled = false\nlibcamera_monitor.enabled = false\n",
    "bluetooth.lua.d": "bluez_monitor.enabled = false\n",
}


def _names(channels: int) -> list[str]:
    """Channels without any meaning, so that none is mixed into another."""
    return [f"AUX{number}" for number in range(channels)]


class SoundServer:
    """Runs while it is entered. `environment` is what its clients need.

    Raises:
        FileNotFoundError: one of the programs is not installed.
        TimeoutError: the booth's devices were not there in time; what the programs said is in it.
    """

    def __init__(self, folder: Path, configuration: str = CONFIGURATION.read_text(), more: str = "", *, first: bool = False) -> None:
        """`folder` is empty and short-named (its sockets' path has a limit); `more` is a further PipeWire configuration.

        `first`: players and recorders go before all other work, as root: one that waits for some milliseconds leaves a hole, which a measurement shows.
        """
        self._first = _FIRST if first else ()
        self._log = folder / "log"
        self._clients: list[subprocess.Popen[bytes]] = []
        settings, run = folder / "config", folder / "run"
        run.mkdir(mode=0o700, parents=True)
        files = {
            settings / "pipewire" / "pipewire.conf.d" / "50-telecabine-echo-cancel.conf": configuration,
            settings / "pipewire" / "pipewire.conf.d" / "60-card.conf": _CARD,
            settings / "pipewire" / "pipewire.conf.d" / "70-more.conf": more,
        } | {settings / "wireplumber" / name / "51-nothing-else.lua": text for name, text in _NOTHING_ELSE.items()}
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        own = {"XDG_RUNTIME_DIR": run, "PIPEWIRE_RUNTIME_DIR": run, "XDG_CONFIG_HOME": settings, "XDG_STATE_HOME": folder / "state"}
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("DBUS_", "PIPEWIRE_"))}
        self.environment = kept | {name: str(value) for name, value in own.items()}

    def __enter__(self) -> Self:
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [*_TOGETHER, "dbus-run-session", "--", *_TOGETHER, "pipewire"],
                env=self.environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        with contextlib.ExitStack() as otherwise:
            otherwise.callback(self._stop)
            self._wait()
            otherwise.pop_all()
        return self

    def _wait(self) -> None:
        end = time.monotonic() + PATIENCE
        while not self.joined() >= _LED:
            if time.monotonic() > end or self._process.poll() is not None:
                raise TimeoutError(f"PipeWire does not offer the booth's devices: {self._log.read_text()[-2000:]}")
            time.sleep(0.1)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop()

    def _stop(self) -> None:
        for client in self._clients:
            client.terminate()
        os.killpg(self._process.pid, signal.SIGTERM)
        for process in (*self._clients, self._process):
            process.wait(10)

    def play(self, path: Path, ports: Sequence[Sequence[str]]) -> subprocess.Popen[bytes]:
        """Play a WAV file, its channels each into input ports of their own. Its beginning is lost while they are joined: let it be silent."""
        names = _names(len(ports))
        process = self._start("pw-play", "player", names, path)
        for name, into in zip(names, ports, strict=True):
            for port in into:
                self.link(f"player:output_{name}", port)
        return process

    def record(self, path: Path, ports: Sequence[str], rate: int) -> subprocess.Popen[bytes]:
        """Record output ports as the channels of a WAV file, 16 bit; SIGINT ends it."""
        names = _names(len(ports))
        process = self._start("pw-record", "recorder", names, path, "--rate", str(rate), "--channels", str(len(ports)))
        for name, port in zip(names, ports, strict=True):
            self.link(port, f"recorder:input_{name}")
        return process

    def _start(self, program: str, name: str, channels: list[str], path: Path, *options: str) -> subprocess.Popen[bytes]:
        command = [
            *self._first,
            program,
            "--target",
            "0",
            "-P",
            f"{{ node.name = {name} }}",
            "--channel-map",
            ",".join(channels),
            *options,
            str(path),
        ]
        process = subprocess.Popen(command, env=self.environment, stdin=subprocess.DEVNULL)
        self._clients.append(process)
        return process

    def processor_seconds(self) -> float:
        """What bus, server and session manager have used so far."""
        found = 0
        for path in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                fields = path.read_text().rpartition(")")[2].split()
                if int(fields[2]) == self._process.pid:
                    found += int(fields[11]) + int(fields[12])
        return found / os.sysconf("SC_CLK_TCK")

    def inputs(self) -> list[str]:
        """The names of all input ports."""
        return subprocess.run(["pw-link", "-i"], env=self.environment, capture_output=True, text=True, check=True).stdout.split("\n")

    def links(self) -> dict[str, set[str]]:
        """Which output ports lead to each input port, by their names."""
        said = subprocess.run(["pw-link", "-l"], env=self.environment, capture_output=True, text=True, check=False).stdout
        found: dict[str, set[str]] = {}
        port = ""
        for line in said.splitlines():
            if line.startswith("  |<- "):
                found.setdefault(port, set()).add(line[6:])
            elif line.startswith("  |-> "):
                found.setdefault(line[6:], set()).add(port)
            else:
                port = line
        return found

    def joined(self) -> set[tuple[str, str]]:
        """Which node leads to which, by their names."""
        return {(output.partition(":")[0], into.partition(":")[0]) for into, outputs in self.links().items() for output in outputs}

    def link(self, output: str, into: str) -> None:
        """Join two ports, as soon as both are there.

        Raises:
            TimeoutError: one of them never was.
        """
        end = time.monotonic() + PATIENCE
        while output not in self.links().get(into, ()):
            if time.monotonic() > end:
                raise TimeoutError(f"{output} could not be joined with {into}")
            subprocess.run(["pw-link", output, into], env=self.environment, capture_output=True, check=False)

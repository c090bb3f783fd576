"""A booth around the real screen process: an agent double and a ring writer on real sockets, and a hand on the screen."""

from __future__ import annotations

import fcntl
import mmap
import os
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import msgspec

from protocol.engine import Painted, Ring, to_video
from protocol.screen import (
    Attach,
    CallView,
    Confirm,
    Consent,
    DeviceLine,
    Drafting,
    End,
    FromScreen,
    Identical,
    Informed,
    Kept,
    Live,
    Media,
    NextPatient,
    OpenSession,
    Pause,
    Ready,
    Remaining,
    Say,
    StopList,
    TextLine,
    ToScreen,
    TypedIdentity,
    Unattributed,
    Value,
    View,
    Wait,
    from_screen,
    to_screen,
)
from ui.remote_client import RemoteScreen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PATIENCE = 20.0

#: two envelopes wait for the specialist when the consultation has ended
LEFT = Remaining(2, "2026-12-21T10:44:00")
OUTCOMES = {"result": {"seen": 1, "kept": 1}}

CALL_OFF = CallView(state="off", specialist="", authentication=None, verified=None, camera=False, microphone=False, message="")

IDLE = View(
    stage="idle",
    training=False,
    pharmacy="Pharmacie du Bourg",
    ticket="",
    patient="",
    station="connected",
    devices=(
        DeviceLine("cuff", "Tensiomètre", "absent", "device-off"),
        DeviceLine("oximeter", "Oxymètre", "ready", "put-finger"),
        DeviceLine("thermometer", "Thermomètre", "ready", "take-temperature"),
    ),
    kept=(),
    unattributed=(),
    call=CALL_OFF,
    texts=(),
    notices=(),
    consents={},
    slip=None,
    link="good",
)

PRESSURE = (
    Value("systolic", "128", None, "mmHg"),
    Value("diastolic", "76", None, "mmHg"),
    Value("pulse-rate", "72", None, "/min"),
)
OXIMETRY = (Value("spo2", "98", None, "%"), Value("pulse-rate", "71", None, "/min"))


def change(view: View, **fields: Any) -> View:
    """The view with other fields."""
    return msgspec.structs.replace(view, **fields)


def listen(path: Path) -> socket.socket:
    server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    server.bind(str(path))
    server.listen(1)
    server.settimeout(PATIENCE)
    return server


class Agent:
    """Another implementation of the agent's side: says what the test wants, keeps what the screen sends, and can follow the journey."""

    def __init__(self, path: Path) -> None:
        self._server = listen(path)
        self._peer: socket.socket | None = None
        self.view = IDLE
        #: the line being written, at each character
        self.drafts: list[str] = []

    def accept(self) -> Ready:
        """Take the screen's connection, send the view; its Ready."""
        if self._peer is not None:
            self._peer.close()
        self._peer, _ = self._server.accept()
        self._peer.settimeout(PATIENCE)
        self.say(self.view)
        ready = self.hear()
        assert isinstance(ready, Ready)
        return ready

    def close(self) -> None:
        """Gone, with its socket."""
        if self._peer is not None:
            self._peer.close()
            self._peer = None

    def stop(self) -> None:
        self.close()
        self._server.close()

    def raw(self, data: bytes) -> None:
        assert self._peer is not None
        self._peer.send(data)

    def say(self, message: ToScreen) -> None:
        self.raw(to_screen.encode(message))

    def show(self, **fields: Any) -> None:
        """Change the view and send it."""
        self.view = change(self.view, **fields)
        self.say(self.view)

    def hear(self) -> FromScreen:
        assert self._peer is not None
        return from_screen.decode(self._peer.recv(65536))

    def follow(self) -> FromScreen:
        """Take one message and answer it as an agent does."""
        while isinstance(message := self.hear(), Drafting):
            self.drafts.append(message.text)
        if isinstance(message, NextPatient):
            self.view = IDLE
        else:
            self.view = change(self.view, **answer(self.view, message))
        self.say(self.view)
        return message

    def live(self, device: str, values: tuple[Value, ...], flags: tuple[str, ...] = (), age: float = 0.0) -> None:
        """Live values received `age` seconds ago on this host's monotonic clock."""
        self.say(Live(device, values, flags, time.monotonic() - age))


def _consent(view: View, message: Consent) -> dict[str, Any]:
    agreed = message.subject == "act" and message.given and view.stage == "informed"
    return {"consents": {**view.consents, message.subject: message.given}, "stage": "consented" if agreed else view.stage}


def _confirm(view: View, message: Confirm) -> dict[str, Any]:
    state: Any = "kept" if message.accepted else "rejected"
    return {"kept": tuple(msgspec.structs.replace(kept, state=state) if kept.id == message.id else kept for kept in view.kept)}


def _attach(view: View, message: Attach) -> dict[str, Any]:
    old = next(reading for reading in view.unattributed if reading.id == message.id)
    rest = tuple(reading for reading in view.unattributed if reading is not old)
    return {"unattributed": rest, "kept": (*view.kept, Kept(old.id, old.values, old.device, old.taken or "", "pending", None, ()))}


_ANSWERS: dict[type, Callable[[View, Any], dict[str, Any]]] = {
    Ready: lambda view, message: {},
    OpenSession: lambda view, message: {"opened": True},
    TypedIdentity: lambda view, message: {"stage": "identified", "patient": f"{message.given_name} {message.family_name[:1]}."},
    StopList: lambda view, message: {"emergency": message.emergency},
    Informed: lambda view, message: {"stage": "informed"},
    Consent: _consent,
    Wait: lambda view, message: {"stage": "waiting", "ticket": "A 12", "wait": (10, 25)},
    Confirm: _confirm,
    Attach: _attach,
    Identical: lambda view, message: {"call": msgspec.structs.replace(view.call, verified=message.same)},
    Media: lambda view, message: {"call": msgspec.structs.replace(view.call, camera=message.camera, microphone=message.microphone)},
    Say: lambda view, message: {"texts": (*view.texts, TextLine("booth", message.text, "2026-11-21T10:44:00+01:00"))},
    Pause: lambda view, message: {"stage": "paused" if message.paused else "in-call"},
    End: lambda view, message: {
        "stage": "erased",
        "slip": "9f2c 41d8 07be 5a63",
        "remaining": LEFT,
        "patient": "",
        "call": CALL_OFF,
        "kept": (),
        "outcomes": OUTCOMES,
    },
}


def answer(view: View, message: FromScreen) -> dict[str, Any]:
    """What changes in an agent's view after this message."""
    return _ANSWERS[type(message)](view, message)


#: a call as the screen first sees it
CALL = CallView("connected", "Dr Claire Martin", "483920", None, camera=False, microphone=False, message="")

PENDING = Kept("pressure", PRESSURE, "Tensiomètre", "2026-11-21T10:41:12+01:00", "pending", None, ("irregular-pulse",))
SEEN = Kept(
    "fever",
    (Value("temperature", "36.8437", None, "°C"),),
    "Thermomètre",
    "2026-11-21T10:40:02+01:00",
    "seen",
    "2026-11-21T10:42:03+01:00",
    (),
)
FAILED = Kept("failed", (Value("systolic", None, "not-a-number", "mmHg"),), "Tensiomètre", "2026-11-21T10:39:02+01:00", "kept", None, ())


def old_reading(name: str = "old") -> Unattributed:
    return Unattributed(name, (Value("temperature", "38.2", None, "°C"),), "Thermomètre", "08:15", "old-reading")


class VideoRing:
    """The call's side: a memfd ring of flat colours, its descriptor read-only."""

    def __init__(self, path: Path) -> None:
        self._server = listen(path)
        self._peer: socket.socket | None = None
        self._sequence = 0

    def accept(self) -> None:
        if self._peer is not None:
            self._peer.close()
        self._peer, _ = self._server.accept()

    def ring(self, width: int, height: int, slots: int = 4, *, claimed_slots: int | None = None) -> None:
        """A new ring; `claimed_slots` is what the message says."""
        assert self._peer is not None
        self.shape = (width, height, slots)
        descriptor = os.memfd_create("ring", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(descriptor, width * height * 4 * slots)
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW)
        self.memory = mmap.mmap(descriptor, 0)
        reader = os.open(f"/proc/self/fd/{descriptor}", os.O_RDONLY | os.O_CLOEXEC)
        socket.send_fds(self._peer, [to_video.encode(Ring(width, height, claimed_slots or slots))], [reader])
        os.close(reader)
        os.close(descriptor)

    def paint(self, blue: int, green: int, red: int) -> None:
        """One picture of one colour."""
        assert self._peer is not None
        width, height, slots = self.shape
        slot = self._sequence % slots
        size = width * height * 4
        self.memory[slot * size : (slot + 1) * size] = bytes((blue, green, red, 255)) * (width * height)
        self._sequence += 1
        self._peer.send(to_video.encode(Painted(slot, self._sequence, time.monotonic())))

    def raw(self, data: bytes) -> None:
        assert self._peer is not None
        self._peer.send(data)

    def hang_up(self) -> None:
        assert self._peer is not None
        self._peer.close()
        self._peer = None

    def stop(self) -> None:
        if self._peer is not None:
            self._peer.close()
        self._server.close()


class Booth:
    """The sockets, the doubles and one screen process at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.agent = Agent(folder / "agent")
        self.video = VideoRing(folder / "video")
        self.code_video = VideoRing(folder / "code")
        self.process: subprocess.Popen[bytes] | None = None
        self.expected_log = ""
        self._hand: RemoteScreen | None = None

    @property
    def hand(self) -> RemoteScreen:
        assert self._hand is not None
        return self._hand

    def start(self) -> Ready:
        """Start the screen; its Ready."""
        environment = {
            **os.environ,
            "QT_QPA_PLATFORM": "offscreen",
            "QT_QUICK_BACKEND": "software",
            "QT_QUICK_CONTROLS_STYLE": "Basic",
            "QT_SCALE_FACTOR": "1",
            "TZ": "Europe/Paris",
        }
        self.log = (self.folder / "log").open("ab")
        command = [sys.executable, "-m", "ui.app", "--agent", str(self.folder / "agent"), "--video", str(self.folder / "video")]
        command += ["--code-video", str(self.folder / "code")]
        command += ["--remote", str(self.folder / "remote")]
        self.process = subprocess.Popen(command, env=environment, stdout=self.log, stderr=self.log)
        ready = self.agent.accept()
        self.video.accept()
        self._hand = RemoteScreen(self.folder / "remote", PATIENCE)
        return ready

    def kill(self) -> None:
        """As a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.hand.close()
        self.log.close()

    def stop(self) -> str:
        """Ask it to stop; what it wrote on stderr."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            assert self.process.wait(PATIENCE) == 0
        if self._hand is not None:
            self._hand.close()
        self.agent.stop()
        self.video.stop()
        self.code_video.stop()
        self.log.close()
        return (self.folder / "log").read_text(encoding="utf-8")

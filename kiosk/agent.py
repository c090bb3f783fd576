"""telecabine-agent: the booth's process with the devices and the keys. Composes the booth with its sockets, links and child processes."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import secrets
import signal
import socket
import sys
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from kiosk import settings as settings_module
from kiosk.answers import Answers
from kiosk.booth.desk import Booth
from kiosk.booth.ports import Names
from kiosk.consultation.measuring import Measuring
from kiosk.errands import Errands
from kiosk.links.booth_clock import synchronised
from kiosk.links.identity_source import IdentitySource
from kiosk.links.link import SystemClock
from kiosk.links.smart_card import CardSettings
from kiosk.network_test.errand import NetworkErrand
from kiosk.packets import Listener, Packets
from kiosk.record_marks import RecordMarks
from kiosk.secure.errors import SecureError
from kiosk.secure.keys import load_or_create
from kiosk.secure.tls import context
from kiosk.station_client import StationClient
from kiosk.storage import open_storage
from protocol import engine, screen, station
from protocol.codec import ProtocolError
from protocol.memory import no_core_dumps

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from drivers.identity import IdentityCandidate
    from kiosk.consultation.identity import InsiService, PatientIdentity
    from kiosk.links.link import Clock, Emit, Event, Link
    from kiosk.settings import Settings

_log = logging.getLogger(__name__)

TICK = 0.0125
#: seconds between two looks at what has been kept for its whole time
PURGE = 3600
#: letters of a ticket that cannot be taken for one another
_TICKET = "ACDEFHJKLMNPRTVWXY"


def names() -> Names:
    """A random consultation id and a ticket such as "K47"."""
    return Names(str(uuid.uuid4()), f"{secrets.choice(_TICKET)}{secrets.randbelow(90) + 10}")


class Screens:
    """The UI's socket: every connected screen gets every message; a new one gets the View at once."""

    def __init__(self) -> None:
        self._connections: list[Packets] = []
        self.booth: Booth | None = None

    def connected(self, sock: socket.socket) -> None:
        """A screen is there."""
        connection = Packets(sock, self._received, lambda: self._connections.remove(connection))
        self._connections.append(connection)
        if self.booth is not None:
            connection.send(screen.to_screen.encode(self.booth.view()))

    def _received(self, packet: bytes | None) -> None:
        try:
            message = screen.from_screen.decode(packet or b"")
        except ProtocolError as error:
            _log.warning("a packet of the screen was refused: %s", error)
            return
        if self.booth is not None:
            self.booth.from_screen(message)

    def send(self, message: screen.ToScreen) -> None:
        """To every screen; live values and curves are dropped where one is behind, a View never."""
        if self._connections:
            packet = screen.to_screen.encode(message)
            for connection in list(self._connections):
                connection.send(packet, droppable=isinstance(message, screen.Live | screen.Curve))


class CallProcess:
    """The call process: started, connected, started again when it dies."""

    def __init__(self, command: Sequence[str], socket_path: Path) -> None:
        self._command, self._path = command, socket_path
        self._connection: Packets | None = None
        self.process: asyncio.subprocess.Process | None = None
        self.booth: Booth | None = None

    def send(self, message: engine.ToCall) -> None:
        """To the process, if it is there."""
        if self._connection is not None:
            self._connection.send(engine.to_call.encode(message))

    def connected(self, sock: socket.socket) -> None:
        """The process has connected."""
        self._connection = Packets(sock, self.received, self.closed)
        if self.booth is not None:
            self.booth.call_up()

    def received(self, packet: bytes | None) -> None:
        """One packet of the process; None when it was too long."""
        try:
            message = engine.from_call.decode(packet or b"")
        except ProtocolError as error:
            _log.warning("a packet of the call process was refused: %s", error)
            return
        if self.booth is not None:
            self.booth.from_call(message)

    def closed(self) -> None:
        """The process is gone."""
        self._connection = None
        if self.booth is not None:
            self.booth.call_down()

    async def run(self) -> None:
        """Keep the process running until cancelled."""
        server = Listener(self._path, self.connected)
        try:
            while True:
                self.process = await asyncio.create_subprocess_exec(*self._command)
                status = await self.process.wait()
                _log.warning("the call process ended with status %s; starting it again", status)
                await asyncio.sleep(0.2)
        finally:
            server.close()
            if self.process is not None and self.process.returncode is None:
                self.process.terminate()
                with contextlib.suppress(ProcessLookupError, TimeoutError):
                    await asyncio.wait_for(self.process.wait(), 3)


def _credentials() -> Path | None:
    """Where systemd puts the service's credentials (systemd.exec(5))."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    return Path(folder) if folder else None


class LinkSource(Protocol):
    """Where the agent's links come from: BlueZ and serial lines, or simulated ones."""

    async def start(self, clock: Clock, marks: Mapping[str, int]) -> list[Link]:
        """The links, ready to run. `marks` is kept up to date: the number of the last stored record that is known, by device key."""

    async def stop(self) -> None:
        """Free what `start` took."""


@dataclass
class Ports:
    """The booth's ports on real sockets."""

    screens: Screens
    call: CallProcess
    answers: Answers
    errands: Errands
    identities: IdentitySource
    network: NetworkErrand
    client: StationClient | None = field(default=None)

    def to_screen(self, message: screen.ToScreen) -> None:
        """To the UI."""
        self.screens.send(message)

    def to_station(self, message: station.FromBooth) -> None:
        """To the station."""
        if self.client is not None:
            self.client.send(message)

    def relay(self, kind: int, body: bytes) -> None:
        """To the specialist."""
        if self.client is not None:
            self.client.relay(kind, body)

    def to_call(self, message: engine.ToCall) -> None:
        """To the call process."""
        self.call.send(message)

    def to_device(self, device: str, source: str, data: bytes) -> None:
        """To an instrument."""
        self.answers.send(device, source, data)

    def check_card(self, candidate: IdentityCandidate) -> None:
        """To the card reader."""
        self.errands.check_card(candidate)

    def code_camera(self, *, on: bool) -> None:
        """To the camera that looks for codes."""
        self.identities.look(on=on)

    def ask_insi(self, identity: PatientIdentity) -> None:
        """To INSi."""
        self.errands.ask_insi(identity)

    def print_copy(self, record: bytes) -> None:
        """To the printer."""
        self.errands.print_copy(record)

    def check_erased(self, consultation: str, values: tuple[str, ...]) -> None:
        """To who searches the disk."""
        self.errands.check_erased(consultation, values)

    def chime(self) -> None:
        """To the loudspeaker."""
        self.errands.chime()

    def test_network(self, *, on: bool) -> None:
        """To who measures the line."""
        self.network.run(on=on)

    def congested(self) -> bool:
        """Whether the station's socket is behind."""
        return self.client is not None and self.client.congested()

    def spare(self) -> bool:
        """Whether the station's socket has room for what gives way to values."""
        return self.client is not None and self.client.spare()


class Agent:
    """One running booth."""

    def __init__(
        self,
        settings: Settings,
        links: LinkSource,
        call_command: Sequence[str],
        *,
        clock: Clock | None = None,
        new_names: Callable[[], Names] = names,
        tap: Callable[[Emit], Emit] = lambda emit: emit,
        insi: InsiService | None = None,
        code_command: Sequence[str] | None = None,
        booth_is_right: Callable[[], bool] = synchronised,
    ) -> None:
        self._settings, self._links, self._tap = settings, links, tap
        self._clock = clock or SystemClock(settings.zone)
        state, self._run = Path(settings.state_directory), Path(settings.run_directory)
        for directory in (state, self._run):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.keys = load_or_create(state / "booth.key", _credentials())
        self._storage = open_storage(state, self.keys, settings)
        self._call = CallProcess(call_command, self._run / "call.sock")
        self._screens = Screens()
        self._answers = Answers()
        self._identities = identity_source(settings, code_camera_command(settings) if code_command is None else code_command)
        self._errands = Errands(settings, self._clock, self._identities, insi)
        tls = context(Path(settings.authority) if settings.authority else None)
        self._network = NetworkErrand(settings, self.keys, tls, self._wall, lambda: self._clock.now().monotonic)
        ports = Ports(self._screens, self._call, self._answers, self._errands, self._identities, self._network)
        self._marks = RecordMarks(state)
        self._measuring = Measuring(
            self._marks.kept, settings.zone, settings.limits, set_clocks=settings.set_clocks, booth_is_right=booth_is_right
        )
        self.booth = Booth(settings, self.keys, self._storage, self._clock, ports, new_names, self._measuring)
        self._client = StationClient(settings.station, self.keys, settings.pharmacy, self.booth, self._wall, tls)
        ports.client = self._client
        self._screens.booth = self._call.booth = self._errands.booth = self._network.booth = self.booth

    def _wall(self) -> int:
        return int(self._clock.now().wall.timestamp() * 1000)

    async def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Serve until cancelled; `ready` is called once the screen may connect and the devices are looked for."""
        server = Listener(self._run / "agent.sock", self._screens.connected)
        self._answers.links = links = await self._links.start(self._clock, self._marks.kept)
        emit = self._tap(self._from_link)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._call.run())
                tasks.create_task(self._client.run())
                tasks.create_task(self._tick())
                tasks.create_task(self._identities.run(self.booth.from_identity))
                for link in links:
                    tasks.create_task(link.run(emit))
                ready()
        finally:
            await self._errands.aclose()
            await self._network.aclose()
            await self._links.stop()
            server.close()
            self._storage.close()

    def _from_link(self, event: Event) -> None:
        self.booth.from_link(event)
        self._marks.keep(self._measuring.marks)

    @property
    def call_pid(self) -> int | None:
        """The call process, while it runs."""
        process = self._call.process
        return process.pid if process is not None and process.returncode is None else None

    async def _tick(self) -> None:
        self._storage.purge(self._clock.now().wall)
        purged = self._clock.now().monotonic
        while True:
            self.booth.tick()
            now = self._clock.now()
            if now.monotonic - purged > PURGE:
                self._storage.purge(now.wall)
                purged = now.monotonic
            await asyncio.sleep(TICK)


def identity_source(settings: Settings, camera: Sequence[str]) -> IdentitySource:
    """What may say who the patient is at this booth; `camera` starts the process that looks for codes."""
    wanted = settings.identification
    cards = CardSettings(policy=settings.card_policy, professional_readers=wanted.professional_readers) if wanted.cards else None
    shown = camera if settings.code_camera != "none" else ()
    return IdentitySource(cards, scanner_port=wanted.scanner, wedge_device=wanted.wedge, camera=shown, test=settings.training)


def notify(state: str) -> None:
    """Tell systemd (sd_notify(3)); nothing without NOTIFY_SOCKET."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if address:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.connect("\0" + address[1:] if address[0] == "@" else address)
            sock.send(state.encode())


async def serve(agent: Agent) -> None:
    """Run the agent until SIGTERM or SIGINT."""
    no_core_dumps()
    task = asyncio.create_task(agent.run(lambda: notify("READY=1")))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task


def call_command(settings: Settings) -> list[str]:
    """How the call process is started."""
    run = Path(settings.run_directory)
    command = [sys.executable, "-m", "kiosk.call", "--agent", str(run / "call.sock")]
    command += ["--video", str(run / "video.sock"), "--own", str(run / "own.sock")]
    command += ["--camera", settings.camera, "--microphone", settings.microphone, "--speaker", settings.speaker]
    command += ["--stethoscope", settings.stethoscope]
    if settings.constant_voice:
        command.append("--constant-voice")
    return command + [part for name, camera in settings.exam_cameras.items() for part in ("--exam", f"{name}={camera}")]


def code_camera_command(settings: Settings) -> list[str]:
    """How the process is started that looks for codes before the camera."""
    command = [sys.executable, "-m", "kiosk.code_reader", "--camera", settings.code_camera]
    return [*command, "--video", str(code_video(settings)), *(["--test-identities"] if settings.training else [])]


def code_video(settings: Settings) -> Path:
    """Where the screen gets what that camera sees."""
    return Path(settings.run_directory) / "code.sock"


def main() -> int:
    """Console script: read the settings, run until told to stop."""
    from kiosk.known_devices import KnownDevicesError
    from kiosk.links.booth_links import BoothLinks

    parser = argparse.ArgumentParser(prog="telecabine-agent", description="The booth's devices, keys and consultation.")
    parser.add_argument("--settings", type=Path, default=Path("/etc/telecabine/booth.toml"))
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        settings = settings_module.load(arguments.settings)
    except settings_module.SettingsError as error:
        sys.stderr.write(f"telecabine-agent: {error}\n")
        return 2
    status = 0
    try:
        asyncio.run(serve(Agent(settings, BoothLinks(settings), call_command(settings))))
    except* (SecureError, KnownDevicesError) as errors:
        sys.stderr.write("".join(f"telecabine-agent: {error}\n" for error in errors.exceptions))
        status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())

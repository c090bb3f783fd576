"""A booth at its desk: real keys and files, the ports and the clock in the test's hand."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from drivers.device import Device
from drivers.identity import IdentityCandidate
from drivers.measurement import Frame, Instant
from kiosk.booth.desk import Booth
from kiosk.booth.ports import Names
from kiosk.consultation.identity import PatientIdentity
from kiosk.consultation.measuring import Measuring
from kiosk.links.link import LinkState
from kiosk.secure.keys import BoothKeys
from kiosk.settings import Identification, Settings
from kiosk.storage import Storage, open_storage
from protocol import engine, screen, station

KEYS = BoothKeys(b"b" * 32)
START = datetime(2026, 1, 12, 10, tzinfo=UTC)
CUFF = Device("ble:cuff", "blood-pressure", name="Cuff")
#: Bluetooth SIG Blood Pressure Service: flags 0, 124/86, mean 99 mmHg as SFLOAT
PRESSURE = bytes((0, 124, 0, 86, 0, 99, 0))


JEANNE = screen.TypedIdentity("Vauquelin", "Jeanne", "1950-04-02", "female")


class ManualClock:
    """Moves when it is told to; `boot` shifts the steady clock as a restart of the machine does."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.boot = 1000.0

    def now(self) -> Instant:
        return Instant(self.boot + self.seconds, START + timedelta(seconds=self.seconds))


@dataclass
class Ports:
    """Keeps what the booth says."""

    shown: list[screen.ToScreen] = field(default_factory=list)
    posted: list[station.FromBooth] = field(default_factory=list)
    called: list[engine.ToCall] = field(default_factory=list)
    checks: list[IdentityCandidate] = field(default_factory=list)
    lookups: list[PatientIdentity] = field(default_factory=list)
    chimes: int = 0
    code_camera_on: bool = False
    searches: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    specialist: Callable[[int, bytes], None] | None = None
    room: bool = True
    copies: list[bytes] = field(default_factory=list)
    network_tests: list[bool] = field(default_factory=list)
    relayed: list[tuple[int, bytes]] = field(default_factory=list)

    def to_screen(self, message: screen.ToScreen) -> None:
        self.shown.append(message)

    def to_station(self, message: station.FromBooth) -> None:
        self.posted.append(message)

    def relay(self, kind: int, body: bytes) -> None:
        self.relayed.append((kind, body))
        if self.specialist is not None:
            self.specialist(kind, body)

    def to_call(self, message: engine.ToCall) -> None:
        self.called.append(message)

    def to_device(self, device: str, source: str, data: bytes) -> None:
        pass

    def check_card(self, candidate: IdentityCandidate) -> None:
        self.checks.append(candidate)

    def code_camera(self, *, on: bool) -> None:
        self.code_camera_on = on

    def ask_insi(self, identity: PatientIdentity) -> None:
        self.lookups.append(identity)

    def print_copy(self, record: bytes) -> None:
        self.copies.append(record)

    def check_erased(self, consultation: str, values: tuple[str, ...]) -> None:
        self.searches.append((consultation, values))

    def chime(self) -> None:
        self.chimes += 1

    def test_network(self, *, on: bool) -> None:
        self.network_tests.append(on)

    def congested(self) -> bool:
        return False

    def spare(self) -> bool:
        return self.room


class Desk:
    """One booth over a state directory; `restart` is what a power cut and a new start leave."""

    def __init__(
        self,
        directory: Path,
        clock: ManualClock | None = None,
        identification: Identification | None = None,
        organisation: str = "",
        stethoscope: str = "none",
        exam_cameras: dict[str, str] | None = None,
        keys: BoothKeys = KEYS,
    ) -> None:
        self.directory, self.clock = directory, clock or ManualClock()
        self.settings = Settings(
            pharmacy="Pharmacie du Bourg",
            station="",
            state_directory=str(directory),
            run_directory="",
            helper="Zoë",
            identification=identification or Identification(),
            organisation=organisation,
            stethoscope=stethoscope,
            exam_cameras=exam_cameras or {},  # type: ignore[arg-type]  # the names of the settings
        )
        self.ports = Ports()
        self.storage: Storage = open_storage(directory, keys, self.settings)
        self.booth = Booth(self.settings, keys, self.storage, self.clock, self.ports, lambda: Names("c0ffee00-0000", "K47"), Measuring())
        self.booth.tick()

    @property
    def view(self) -> screen.View:
        """The newest view that the screen was told."""
        return next(message for message in reversed(self.ports.shown) if isinstance(message, screen.View))

    def tap(self, *messages: screen.FromScreen) -> screen.View:
        for message in messages:
            self.booth.from_screen(message)
        self.booth.tick()
        return self.view

    def wait(self, seconds: float) -> screen.View:
        self.clock.seconds += seconds
        self.booth.tick()
        return self.view

    def to_consented(self) -> screen.View:
        return self.tap(
            screen.OpenSession(),
            JEANNE,
            screen.StopList(emergency=False),
            screen.Informed("1"),
            screen.Consent("photos", given=False),
            screen.Consent("sharing", given=True),
            screen.Consent("act", given=True),
        )

    def measure(self) -> str:
        """A blood pressure comes in; its id."""
        self.booth.from_link(LinkState(CUFF, True, "connected", self.clock.now()))
        self.booth.from_link(Frame("2A35", PRESSURE, self.clock.now(), CUFF.key))
        self.booth.tick()
        return self.view.kept[-1].id

    def restart(self) -> "Desk":
        """The power is cut: nothing is closed by the booth, and another starts on what is on disk."""
        self.storage.close()
        self.clock.boot += 5000
        return Desk(self.directory, self.clock, self.settings.identification, self.settings.organisation)

    def again(self) -> screen.View:
        """The patient of `to_consented` shows who she is after a power cut."""
        return self.tap(JEANNE)

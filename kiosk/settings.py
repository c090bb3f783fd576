"""The booth's settings: one TOML file, checked as a whole before anything starts."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from drivers.cards.card import Policy
from kiosk.call.names import sound_card
from kiosk.consultation import child_limits
from kiosk.consultation.plausibility import LimitsError, Table, table
from protocol.directory import DirectoryError, Pin, pin


class SettingsError(ValueError):
    """The settings file cannot be used; the message says which line of thought to mend."""


class SerialPort(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One serial instrument: a stable device path (/dev/serial/by-id/...) and its driver's name."""

    path: str
    driver: str


class Identification(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the booth learns who the patient is (docs/identification.md).

    `cards`: read patient cards over PC/SC; `professional_readers` are shell patterns of readers that are not the patient's. `scanner` is a
    serial hand scanner (/dev/serial/by-id/...), `wedge` one that types as a keyboard (/dev/input/by-id/...), `camera` the camera that a code is
    held before where it is not the booth's own, "none" without one. `vitale_legal_basis` is the
    operator's own statement without which no Vitale card is read; `vitale_api` an adapter of the official reading API ("module:function").
    `belgian_anchors` are DER files. `card_stays_in`: the card that named the patient must stay in the reader, and without it the screen is
    blank. `send_ins`: the INS of a qualified identity may leave the booth; by default no number leaves.
    """

    cards: bool = True
    professional_readers: tuple[str, ...] = ()
    scanner: str = ""
    wedge: str = ""
    camera: str = ""
    vitale_legal_basis: str = ""
    vitale_api: str = ""
    belgian_anchors: tuple[str, ...] = ()
    card_stays_in: bool = False
    send_ins: bool = False


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a technician sets. `station` is the station's WebSocket address; `bluetooth` an adapter ("hci0") or "" for none.

    `retention_months`: how long hash, times and incidents of an ended consultation are kept (6 to 12 is the CNIL's advice for traces);
    `undelivered_days`: how long a sealed envelope waits for its recipient before it is deleted.
    `authority` is the file with the certificate of the authority (PEM) that vouches for the station, alone; without one the system's count.
    `organisation` is the code that `telecabine org show` prints; without one nobody vouches for a specialist's key, and the screen says so.
    `timezone` is that of the booth and of its instruments' clocks; with `set_clocks` an instrument whose clock is wrong is told the time, after
    its reading was taken, as long as the booth's own clock is synchronised. `plausibility` changes limits: vital -> unit -> low, high, usual_low,
    usual_high as texts (`kiosk.consultation.plausibility`); `plausibility_under` those of children: years not reached yet -> the same
    (`kiosk.consultation.child_limits`). `patient_copy` is the command that prints the patient's copy of the act record, a
    PDF on its standard input (["lp", "-d", "comptoir"]); none: there is no printer. `chime` plays the sound of a warning, a WAV file on its
    standard input. `camera` is the booth's own, `exam_cameras` what the helper holds: "v4l2:/dev/v4l/by-path/...", whose name says the port, since
    two cameras of one model have one name (`telecabine cameras` lists them), or "none". `microphone`, `speaker` and `stethoscope` are sound cards:
    "alsa:default", "alsa:pipewire:NODE=telecabine.microphone", "alsa:plughw:CARD=Stetho", or "none" (docs/sound.md).
    `erase_places` are directories that are searched after each consultation beside the state directory: a printer's spool,
    where core files go. With `constant_voice` the length of voice packets says nothing of what is said, at 24 kbit/s all the time.
    """

    pharmacy: str
    station: str
    state_directory: str
    run_directory: str
    helper: str = ""
    timezone: str = "Europe/Paris"
    set_clocks: bool = True
    bluetooth: str = "hci0"
    training: bool = False
    serial: tuple[SerialPort, ...] = ()
    devices: tuple[str, ...] = ()
    retention_months: int = 12
    undelivered_days: int = 30
    organisation: str = ""
    authority: str = ""
    plausibility: dict[str, dict[str, dict[str, str]]] = {}
    plausibility_under: child_limits.Settings = {}
    identification: Identification = Identification()
    patient_copy: tuple[str, ...] = ()
    chime: tuple[str, ...] = ("aplay", "-q", "-")
    camera: str = "v4l2:/dev/video0"
    microphone: str = "alsa:default"
    speaker: str = "alsa:default"
    exam_cameras: dict[Literal["otoscope", "dermatoscope"], str] = {}
    erase_places: tuple[str, ...] = ()
    stethoscope: str = "none"
    constant_voice: bool = False

    @property
    def zone(self) -> ZoneInfo:
        """The booth's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def card_policy(self) -> Policy:
        """Which cards are read, and whose signature is trusted. Raises OSError where an anchor cannot be read."""
        set_ = self.identification
        anchors = tuple(Path(name).read_bytes() for name in set_.belgian_anchors)
        return Policy(vitale_legal_basis=set_.vitale_legal_basis, anchors=anchors, vitale_api=set_.vitale_api)

    @property
    def pin(self) -> Pin | None:
        """The organisation, None without one."""
        return pin(self.organisation) if self.organisation else None

    @property
    def code_camera(self) -> str:
        """The camera that codes are held before; "none" without one."""
        return self.identification.camera or self.camera

    @property
    def limits(self) -> Table:
        """What is plausible."""
        return table(self.plausibility)

    @property
    def child_limits(self) -> dict[int, Table]:
        """What is plausible for a child, by the years that are not reached yet."""
        return child_limits.tables(self.plausibility_under)


def load(path: Path) -> Settings:
    """Read and check the settings.

    Raises:
        SettingsError: missing file, not TOML, an unknown or wrong setting.
    """
    try:
        settings = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Settings)
        return _checked(settings, path)
    except FileNotFoundError:
        raise SettingsError(f"there is no settings file {path}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise SettingsError(f"{path}: {error}") from None


def _sealed(address: str) -> bool:
    """Whether what is said to this address is sealed on its way, or does not leave this machine."""
    parts = urlsplit(address)
    return parts.scheme == "wss" or (parts.scheme == "ws" and parts.hostname in ("127.0.0.1", "::1", "localhost"))


def _checked(settings: Settings, path: Path) -> Settings:
    if not _sealed(settings.station):
        raise SettingsError(f"{path}: station = {settings.station!r} is not sealed on its way: the address begins with wss://")
    if settings.identification.camera not in ("", "none") and ":" not in settings.identification.camera:
        raise SettingsError(f"{path}: camera = {settings.identification.camera!r} is neither none nor a camera, as v4l2:/dev/video0")
    for name in ("microphone", "speaker", "stethoscope"):
        try:
            sound_card(getattr(settings, name))
        except ValueError as error:
            raise SettingsError(f"{path}: {name}: {error}") from None
    try:
        _ = settings.card_policy
    except OSError as error:
        raise SettingsError(f"{path}: the certificate {error.filename} cannot be read: {error.strerror}") from None
    try:
        _ = settings.zone, settings.limits, settings.child_limits, settings.pin
    except (LimitsError, DirectoryError) as error:
        raise SettingsError(f"{path}: {error}") from None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingsError(f"{path}: {settings.timezone!r} is no time zone, as Europe/Paris") from None
    return settings

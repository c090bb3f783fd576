"""The booth's settings: one TOML file, checked as a whole before anything starts."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from kiosk.consultation.plausibility import LimitsError, Table, table
from protocol.directory import DirectoryError, Pin, pin

if TYPE_CHECKING:
    from pathlib import Path


class SettingsError(ValueError):
    """The settings file cannot be used; the message says which line of thought to mend."""


class SerialPort(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One serial instrument: a stable device path (/dev/serial/by-id/...) and its driver's name."""

    path: str
    driver: str


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a technician sets. `station` is the station's WebSocket address; `bluetooth` an adapter ("hci0") or "" for none.

    `retention_months`: how long hash, times and incidents of an ended consultation are kept (6 to 12 is the CNIL's advice for traces);
    `undelivered_days`: how long a sealed envelope waits for its recipient before it is deleted.
    `authority` is the file with the certificate of the authority (PEM) that vouches for the station, alone; without one the system's count.
    `organisation` is the code that `telecabine org show` prints; without one nobody vouches for a specialist's key, and the screen says so.
    `timezone` is that of the booth and of its instruments' clocks. `plausibility` changes limits: vital -> unit -> low, high, usual_low,
    usual_high as texts (`kiosk.consultation.plausibility`).
    """

    pharmacy: str
    station: str
    state_directory: str
    run_directory: str
    helper: str = ""
    timezone: str = "Europe/Paris"
    bluetooth: str = "hci0"
    training: bool = False
    serial: tuple[SerialPort, ...] = ()
    devices: tuple[str, ...] = ()
    retention_months: int = 12
    undelivered_days: int = 30
    organisation: str = ""
    authority: str = ""
    plausibility: dict[str, dict[str, dict[str, str]]] = {}

    @property
    def zone(self) -> ZoneInfo:
        """The booth's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def pin(self) -> Pin | None:
        """The organisation, None without one."""
        return pin(self.organisation) if self.organisation else None

    @property
    def limits(self) -> Table:
        """What is plausible."""
        return table(self.plausibility)


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


class _PlainError(Exception):
    pass


def _sealed(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme != "wss" and not (parts.scheme == "ws" and parts.hostname in ("127.0.0.1", "::1", "localhost")):
        raise _PlainError


def _checked(settings: Settings, path: Path) -> Settings:
    try:
        _ = settings.zone, settings.limits, settings.pin
        _sealed(settings.station)
    except (LimitsError, DirectoryError) as error:
        raise SettingsError(f"{path}: {error}") from None
    except _PlainError:
        raise SettingsError(f"{path}: station = {settings.station!r} is not sealed on its way: the address begins with wss://") from None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingsError(f"{path}: {settings.timezone!r} is no time zone, as Europe/Paris") from None
    return settings

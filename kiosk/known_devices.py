"""The booth's paired devices on disk: what `telecabine devices pair` writes and the links read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from drivers.device import Device
from kiosk import durable

if TYPE_CHECKING:
    from pathlib import Path

NAME = "devices.json"
_decoder = msgspec.json.Decoder(tuple[Device, ...])


class KnownDevicesError(ValueError):
    """The file of known devices cannot be used; the message says why."""


def load(directory: Path) -> tuple[Device, ...]:
    """The known devices, none where there is no file yet.

    Raises:
        KnownDevicesError: the file is not one that `save` writes.
    """
    path = directory / NAME
    try:
        return _decoder.decode(path.read_bytes())
    except FileNotFoundError:
        return ()
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise KnownDevicesError(f"{path}: {error}; pair the devices again") from None


def save(directory: Path, devices: tuple[Device, ...]) -> None:
    """Replace the file as a whole: a power cut leaves the old one or the new one."""
    directory.mkdir(parents=True, exist_ok=True)
    durable.replace(directory / NAME, msgspec.json.format(msgspec.json.encode(sorted(devices, key=lambda device: device.key))))


def remember(directory: Path, device: Device) -> None:
    """Add `device`, in place of what was known under its key."""
    save(directory, (*(known for known in load(directory) if known.key != device.key), device))


def forget(directory: Path, key: str) -> bool:
    """Drop the device of `key`; False when it was not known."""
    known = load(directory)
    left = tuple(device for device in known if device.key != key)
    if len(left) < len(known):
        save(directory, left)
    return len(left) < len(known)

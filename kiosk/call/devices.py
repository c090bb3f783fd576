"""Cameras, microphones and loudspeakers by their settings."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.call import pipewire
from kiosk.call.alsa import AlsaMicrophone, AlsaSpeaker
from kiosk.call.libav import LibavCamera
from kiosk.call.names import sound_card
from kiosk.call.sources import SourceError
from kiosk.call.uvc import UvcCamera

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from av import AudioFrame

    from kiosk.call.sources import Camera, Device
    from kiosk.call.speaker import Card


def camera(setting: str) -> Camera | None:
    """The camera of a setting: "none", "v4l2:PATH" (/dev/v4l/by-path/… names the port), or "FORMAT:NAME" as libavdevice knows it.

    Raises:
        ValueError: neither.
    """
    name = _named(setting)
    if name is None:
        return None
    return UvcCamera(Path(name[0])) if name[1] == "v4l2" else LibavCamera(*name)


def microphone(setting: str) -> Device[AudioFrame] | None:
    """The microphone, or stethoscope, of a setting (`sound_card`). Raises ValueError where it is none."""
    name = sound_card(setting)
    return None if name is None else AlsaMicrophone(name)


def stethoscope(setting: str) -> Device[AudioFrame] | None:
    """As a microphone; but of a node that PipeWire does not have, its opening raises SourceError: the default card's microphone is no stethoscope."""
    device = microphone(setting)
    return None if device is None else _Named(setting, device)


class _Named:
    """See `kiosk.call.sources.Device`: opened only where PipeWire has the node that its setting names."""

    def __init__(self, setting: str, device: Device[AudioFrame]) -> None:
        self._setting, self._device = setting, device

    def open(self) -> Generator[AudioFrame, None, None]:
        """See `Device`."""
        try:
            if pipewire.absent("stethoscope", self._setting):
                raise SourceError(f"stethoscope {self._setting}: PipeWire has no such node")
        except pipewire.PipewireError as error:
            raise SourceError(f"stethoscope {self._setting}: {error}") from None
        yield from self._device.open()


def speaker(setting: str) -> Callable[[], Card] | None:
    """What opens the loudspeaker of a setting (`sound_card`); the opening raises SpeakerError. Raises ValueError where it is none."""
    name = sound_card(setting)
    return None if name is None else partial(AlsaSpeaker, name)


def _named(setting: str) -> tuple[str, str] | None:
    """Name and format of a camera's setting, None for "none".

    Raises:
        ValueError: neither "none" nor "FORMAT:NAME".
    """
    if setting == "none":
        return None
    container, colon, name = setting.partition(":")
    if not (container and colon and name):
        raise ValueError(f"a camera is 'none' or 'FORMAT:NAME', not {setting!r}")
    return name, container

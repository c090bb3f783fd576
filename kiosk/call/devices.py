"""Cameras, microphones and loudspeakers by their settings."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.call.alsa import AlsaMicrophone, AlsaSpeaker
from kiosk.call.libav import LibavCamera, LibavMicrophone
from kiosk.call.uvc import UvcCamera

if TYPE_CHECKING:
    from collections.abc import Callable

    from av import AudioFrame

    from kiosk.call.sources import Camera, Device
    from kiosk.call.speaker import Card


def camera(setting: str) -> Camera | None:
    """The camera of a setting: "none", "v4l2:PATH" (/dev/v4l/by-path/… names the port), or "FORMAT:NAME" as libavdevice knows it.

    Raises:
        ValueError: neither.
    """
    name = named(setting)
    if name is None:
        return None
    return UvcCamera(Path(name[0])) if name[1] == "v4l2" else LibavCamera(*name)


def microphone(setting: str) -> Device[AudioFrame] | None:
    """The microphone of a setting: "none", "alsa:NAME", or "FORMAT:NAME" as libavdevice knows it ("lavfi:sine=frequency=440").

    Raises:
        ValueError: neither.
    """
    name = named(setting)
    if name is None:
        return None
    return AlsaMicrophone(name[0]) if name[1] == "alsa" else LibavMicrophone(*name)


def speaker(setting: str) -> Callable[[], Card] | None:
    """What opens the loudspeaker of a setting: "none", or "alsa:NAME" (the opening raises SpeakerError).

    Raises:
        ValueError: neither.
    """
    name = named(setting)
    if name is None:
        return None
    if name[1] != "alsa":
        raise ValueError(f"a loudspeaker is 'none' or 'alsa:NAME', not {setting!r}")
    return partial(AlsaSpeaker, name[0])


def named(setting: str) -> tuple[str, str] | None:
    """Name and format of a device's setting, None for "none".

    Raises:
        ValueError: neither "none" nor "FORMAT:NAME".
    """
    if setting == "none":
        return None
    container, colon, name = setting.partition(":")
    if not (container and colon and name):
        raise ValueError(f"a device is 'none' or 'FORMAT:NAME', not {setting!r}")
    return name, container

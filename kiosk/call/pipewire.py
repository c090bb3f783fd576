"""Whether PipeWire has the node that a setting names. Where it has not, the sound goes to the default card, and ALSA says nothing of it."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Final, Literal

Kind = Literal["microphone", "speaker", "stethoscope"]

#: what PipeWire calls the nodes that a kind of sound card can be (media.class; PW_KEY_MEDIA_CLASS of pipewire/keys.h)
_CLASSES: Final = {
    "speaker": ("Audio/Sink", "Audio/Duplex"),
    "microphone": ("Audio/Source", "Audio/Source/Virtual", "Audio/Duplex"),
    "stethoscope": ("Audio/Source", "Audio/Source/Virtual", "Audio/Duplex"),
}
#: ALSA's name of a node, with or without its other arguments (50-pipewire.conf)
_NODE: Final = re.compile(r'alsa:pipewire:(?:.*,)?NODE="?([^",]+)"?')
#: seconds for PipeWire's answer, which takes some milliseconds
PATIENCE: Final = 3.0


class PipewireError(Exception):
    """PipeWire cannot be asked; `str` says why."""


def node(setting: str) -> str | None:
    """The node of PipeWire that a setting names ("alsa:pipewire:NODE=telecabine.speaker"), by name or serial; None for another card."""
    found = _NODE.match(setting)
    return found[1] if found else None


def absent(kind: Kind, setting: str) -> bool:
    """Whether a setting names a node that PipeWire does not have, or not in this direction. Blocks; asks only where a node is named.

    Raises:
        PipewireError: PipeWire is not installed or not reached, or does not answer.
    """
    name = node(setting)
    return name is not None and name not in _nodes(_CLASSES[kind])


def _nodes(classes: tuple[str, ...]) -> set[str]:
    try:
        done = subprocess.run(["pw-dump"], capture_output=True, check=True, timeout=PATIENCE, stdin=subprocess.DEVNULL)
        listed = [entry["info"]["props"] for entry in json.loads(done.stdout) if entry.get("type") == "PipeWire:Interface:Node"]
    except FileNotFoundError:
        raise PipewireError("pw-dump is not installed") from None
    except subprocess.CalledProcessError as error:
        raise PipewireError(error.stderr.decode(errors="replace").strip()) from None
    except subprocess.TimeoutExpired:
        raise PipewireError("PipeWire does not answer") from None
    except (ValueError, KeyError, TypeError):
        raise PipewireError("pw-dump says something else than its nodes") from None
    found = [props for props in listed if props.get("media.class") in classes]
    return {str(props[key]) for props in found for key in ("node.name", "object.serial") if key in props}

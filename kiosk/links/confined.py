"""What a process does first that reads something foreign about a person: a card, a code in a picture. What it held goes with it."""

from __future__ import annotations

import ctypes
import resource
import signal
from typing import Final

from protocol.memory import no_core_dumps

_SET_PARENT_DEATH_SIGNAL: Final = 1


def confine(memory: int) -> None:
    """End with the parent, leave no core dump, and take no more than `memory` octets of address space."""
    ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    no_core_dumps()
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))

"""What the screen asks to be done with an instrument that is ready, by what it measures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection

_PROMPTS: Final = (
    ("systolic", "put-on-cuff"),
    ("spo2", "put-finger"),
    ("temperature", "take-temperature"),
    ("weight", "step-on-scale"),
)
#: a cuff that is too large reads too low: a child's arm needs a child's cuff
_CHILD: Final = {"put-on-cuff": "paediatric-cuff"}


def prompt(measures: Collection[str], *, child: bool) -> str:
    """The text key for an instrument that measures these vitals; "" where there is nothing to say."""
    found = next((key for vital, key in _PROMPTS if vital in measures), "")
    return _CHILD.get(found, found) if child else found

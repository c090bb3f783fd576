"""The guard of every change: it refuses to work where this aiortc is made differently."""

from __future__ import annotations

from typing import Any


class ChangedUpstreamError(RuntimeError):
    """This aiortc is made differently: the function named must be written anew."""


def parts(owner: object, *names: str) -> dict[str, Any]:
    """The attributes of an object, of which these are there.

    Raises:
        ChangedUpstreamError: one is not.
    """
    own = vars(owner)
    for name in names:
        if name not in own:
            raise ChangedUpstreamError(f"{type(owner).__name__} has no {name}")
    return own

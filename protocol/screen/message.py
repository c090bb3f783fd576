"""What agent and screen say to each other has one form."""

from __future__ import annotations

from msgspec import Struct


class Message(Struct, frozen=True, tag_field="type", forbid_unknown_fields=True):
    """Base of all messages of this boundary."""

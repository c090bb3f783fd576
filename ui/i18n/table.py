"""What a language is: three tables with the same keys in each (a test compares them)."""

from __future__ import annotations

from typing import Protocol


class Table(Protocol):
    """SCREEN: the screens' own texts. VITALS: names of the vitals. SAID: key of the agent -> what it says, what to do next."""

    SCREEN: dict[str, str]
    VITALS: dict[str, str]
    SAID: dict[str, tuple[str, str]]

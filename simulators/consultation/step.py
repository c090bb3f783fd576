"""One step of a scripted consultation: an act, and what another party saw of it. Without the act the observation must fail."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class NotObservedError(AssertionError):
    """What should have happened was not seen by the other party."""


@dataclass(frozen=True, slots=True)
class Step:
    """`act` does it; `observe` asks somebody else and returns a detail, or raises."""

    name: str
    act: Callable[[], Awaitable[None]]
    observe: Callable[[], Awaitable[str]]
    #: the booth's screen after it (docs/ui.md), for its picture
    shows: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a step."""

    name: str
    ok: bool
    ms: int
    detail: str


def results(outcomes: list[Outcome]) -> dict[str, object]:
    """The content of result.json."""
    return {"ok": bool(outcomes) and all(outcome.ok for outcome in outcomes), "steps": [asdict(outcome) for outcome in outcomes]}


async def play(step: Step, failures: tuple[type[Exception], ...], *, broken: bool) -> Outcome:
    """Act (unless `broken`) and observe."""
    started = time.monotonic()
    try:
        if not broken:
            await step.act()
        detail, ok = await step.observe(), True
    except failures as error:
        detail, ok = f"{type(error).__name__}: {' '.join(str(error).split())}", False
    return Outcome(step.name, ok, round((time.monotonic() - started) * 1000), detail)

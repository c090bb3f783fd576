"""Everything that may say who the patient is, as one source: cards that come and go, hand scanners, and codes before the booth's camera."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drivers.identity import CardError, CardProblem, CodeError, IdentityCandidate
from kiosk.links.code_camera import CodeCamera, CodeCameraState
from kiosk.links.scanner import DoctorCode, HandScanner, ScannerState
from kiosk.links.scanner_wedge import WedgeScanner
from kiosk.links.smart_card import CardEvent, CardMonitor, CardReader, CardSettings, Role
from kiosk.links.smart_card_monitor import Seen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True)
class Candidates:
    """Who it may be: one candidate, or one for each holder of a card. `insertion` is that of the card, 0 for a code."""

    candidates: tuple[IdentityCandidate, ...]
    insertion: int = 0


@dataclass(frozen=True, slots=True)
class Rejected:
    """A card or a code that gave nothing, and why."""

    error: CardError | CodeError
    insertion: int = 0


Event = Candidates | Rejected | CardEvent | ScannerState | CodeCameraState | DoctorCode


class IdentitySource:
    """Reads each patient card that comes, each code that a hand scanner sends, and codes before the camera while it is asked to look.

    `settings` None: no cards; `camera` starts the camera's process, empty: there is none.
    """

    def __init__(
        self,
        settings: CardSettings | None,
        *,
        scanner_port: str = "",
        wedge_device: str = "",
        camera: Sequence[str] = (),
        test: bool = False,
    ) -> None:
        self._settings = settings
        self._camera = CodeCamera(camera) if camera else None
        self._scanners: list[HandScanner | WedgeScanner | CodeCamera] = [] if self._camera is None else [self._camera]
        if scanner_port:
            self._scanners.append(HandScanner(scanner_port, test=test))
        if wedge_device:
            self._scanners.append(WedgeScanner(wedge_device, test=test))
        self._reader = None if settings is None else CardReader(settings)

    async def run(self, emit: Callable[[Event], None]) -> None:
        """Tell all that happens until cancelled. What a reader or a card does wrong never ends it."""
        try:
            async with asyncio.TaskGroup() as group:
                if self._settings is not None and self._reader is not None:
                    group.create_task(self._cards(self._settings, self._reader, emit))
                for scanner in self._scanners:
                    group.create_task(self._codes(scanner, emit))
        finally:
            if self._reader is not None:
                await self._reader.aclose()

    def look(self, *, on: bool) -> None:
        """Look for a code with the camera, or free it."""
        if self._camera is not None:
            self._camera.switch(on=on)

    async def is_still(self, candidate: IdentityCandidate) -> bool:
        """Whether the card that is in the reader now names `candidate`: to be asked just before it is confirmed."""
        return self._reader is not None and await self._reader.is_still(candidate)

    async def _cards(self, settings: CardSettings, reader: CardReader, emit: Callable[[Event], None]) -> None:
        await reader.prepare()
        reading: asyncio.Task[None] | None = None
        try:
            async for event in CardMonitor(settings).events():
                emit(event)
                if event.role is not Role.PATIENT or event.seen not in {Seen.CARD_IN, Seen.CARD_MUTE, Seen.CARD_SWAPPED, Seen.CARD_OUT}:
                    continue
                await _stop(reading)
                if event.seen is Seen.CARD_MUTE:
                    emit(Rejected(CardError(CardProblem.MUTE), event.insertion))
                elif event.seen is not Seen.CARD_OUT:
                    reading = asyncio.create_task(self._read(reader, event.insertion, emit))
        finally:
            await _stop(reading)

    async def _read(self, reader: CardReader, insertion: int, emit: Callable[[Event], None]) -> None:
        try:
            emit(Candidates(await reader.read(), insertion))
        except CardError as error:
            emit(Rejected(error, insertion))

    async def _codes(self, scanner: HandScanner | WedgeScanner | CodeCamera, emit: Callable[[Event], None]) -> None:
        async for event in scanner.events():
            if isinstance(event, IdentityCandidate):
                emit(Candidates((event,)))
            elif isinstance(event, CodeError):
                emit(Rejected(event))
            else:
                emit(event)


async def _stop(reading: asyncio.Task[None] | None) -> None:
    """End a read that is under way: its card is gone."""
    if reading is not None and not reading.done():
        reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await reading

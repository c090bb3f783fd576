"""Where the booth's words go, and the names of a new consultation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from protocol import engine, screen, station


class Ports(Protocol):
    """Where the booth's words go. None of these may block."""

    def to_screen(self, message: screen.ToScreen) -> None:
        """To the UI, if there is one."""

    def to_station(self, message: station.FromBooth) -> None:
        """To the station, if it is reached."""

    def relay(self, kind: int, body: bytes) -> None:
        """To the specialist's page, through the station."""

    def to_call(self, message: engine.ToCall) -> None:
        """To the call process, if it runs."""

    def to_device(self, device: str, source: str, data: bytes) -> None:
        """To an instrument, what its protocol waits for."""

    def congested(self) -> bool:
        """Whether the station's socket is behind."""


@dataclass(frozen=True, slots=True)
class Names:
    """Identifiers of a new consultation, from outside so that tests know them."""

    consultation: str
    ticket: str

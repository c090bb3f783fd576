"""Where the booth's words go, and the names of a new consultation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from drivers.identity import IdentityCandidate
    from kiosk.consultation.identity import PatientIdentity
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

    def check_card(self, candidate: IdentityCandidate) -> None:
        """Read the card again; answered by `Booth.card_checked`."""

    def code_camera(self, *, on: bool) -> None:
        """Look for a code with the booth's camera, or free it; what it sees comes to `Booth.from_identity`."""

    def ask_insi(self, identity: PatientIdentity) -> None:
        """Look the identity up, where there is an INSi; answered by `Booth.insi_answered`."""

    def print_copy(self, record: bytes) -> None:
        """Print the patient's copy of the act record; answered by `Booth.copy_printed`."""

    def check_erased(self, consultation: str, values: tuple[str, ...]) -> None:
        """Search what the booth keeps for a consultation's values; answered by `Booth.erasure_checked`."""

    def chime(self) -> None:
        """Sound a warning that the screen shows."""

    def test_network(self, *, on: bool) -> None:
        """Measure the line to the station, or end that at once; answered by `Booth.network_measured`."""

    def congested(self) -> bool:
        """Whether the station's socket is behind."""

    def spare(self) -> bool:
        """Whether the station's socket has room for what gives way to values."""


@dataclass(frozen=True, slots=True)
class Names:
    """Identifiers of a new consultation, from outside so that tests know them."""

    consultation: str
    ticket: str

"""The verdict of a network test, and what of it is written down. Needs F002-20."""

from typing import Any

import pytest

from kiosk.commands.check import VERDICTS
from kiosk.consultation.record_codes import CODES
from kiosk.network_test.figures import Figures
from kiosk.network_test.ramp import Rate
from protocol.engine import RelaysTried, RelayTried
from ui.i18n import fr

WORKS, SILENT = RelayTried("turn:r:3478", "UDP 3478"), RelayTried("turns:r:443?transport=tcp", "TLS 443", "relay-silent", "no answer")


def figures(up: float = 2000, down: float = 2000, trip: float = 40, relays: Any = None, sent: int = 50, back: int = 50) -> Figures:
    tried = None if relays is None else RelaysTried(tuple(relays), sent, back)
    return Figures("", Rate(up, floor=False), Rate(down, floor=True), trip, tried)


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (figures(), "network-good"),
        (figures(relays=()), "network-good"),
        (figures(relays=(WORKS, SILENT)), "network-good"),
        (figures(up=280), "network-slow"),
        (figures(down=280), "network-slow"),
        (figures(trip=500), "network-slow"),
        (figures(relays=(WORKS,), back=46), "network-slow"),
        (figures(up=58, down=59), "network-weak"),
        (figures(trip=2000), "network-weak"),
        (figures(relays=(WORKS,), back=30), "network-weak"),
        (figures(up=20), "network-too-weak"),
        (figures(relays=(SILENT,), sent=0, back=0), "network-relays"),
        (figures(up=280, relays=(SILENT,), sent=0, back=0), "network-relays"),
        (figures(up=58, relays=(SILENT,), sent=0, back=0), "network-weak"),
        (Figures("network-no-station"), "network-no-station"),
        (Figures("", Rate(900, floor=False), None, 40), "network-unknown"),
    ],
)
def test_the_worst_that_is_known_decides(found: Figures, verdict: str) -> None:
    assert found.verdict == verdict


def test_what_was_not_measured_is_not_written_as_zero() -> None:
    assert figures(relays=(WORKS, SILENT), back=49).written == {
        "verdict": "network-good",
        "up_kbps": "2000",
        "down_kbps": "≥ 2000",
        "round_trip_ms": 40,
        "loss_percent": 2,
        "relays": [{"UDP 3478": "relay-works"}, {"TLS 443": "relay-silent"}],
    }
    assert set(figures(relays=(SILENT,), sent=0, back=0).written) == {"verdict", "up_kbps", "down_kbps", "round_trip_ms", "relays"}
    assert Figures("network-busy").written == {"verdict": "network-busy"}


def test_every_verdict_has_words_on_the_screen_in_the_record_and_at_the_technicians() -> None:
    assert set(VERDICTS) == set(CODES["verdict"])
    assert {f"check-{verdict}" for verdict in VERDICTS} | {"check-network-running"} == {
        key for key in fr.SAID if key.startswith("check-network")
    }

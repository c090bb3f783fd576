"""The network test on the real screen process: the verdict beside the button of the check, and its figures in the check. Needs F002-20."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from protocol.screen import Check, CheckRoom, LineRate, NetworkView, RelayLine, RoomView, TestNetwork
from tests.ui.booth import IDLE, change

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ui.booth import Booth

CONSENTED = change(IDLE, stage="consented", ticket="K47", patient="Jeanne VAUQUELIN", consents={"act": True, "sharing": True}, link=None)
RELAYS = (RelayLine("UDP 3478", "relay-works"), RelayLine("TCP 3478", "relay-silent"), RelayLine("TLS 443", "relay-certificate"))
SLOW = NetworkView(
    "network-slow", up=LineRate(296, floor=False), down=LineRate(4100, floor=True), round_trip_ms=87, loss_percent=2, relays=RELAYS
)


def test_the_verdict_stands_beside_the_button_and_its_figures_in_the_check(booth: Booth, tmp_path: Path) -> None:
    hand, agent = booth.hand, booth.agent

    def show(network: NetworkView, name: str) -> None:
        agent.say(change(CONSENTED, network=network))
        wanted = {
            "network-running": "Connexion : mesure en cours…",
            "network-slow": "Connexion lente",
            "network-weak": "Connexion trop faible",
        }
        hand.until("networkVerdict", lambda seen: seen.text.startswith(wanted[network.says]), name)
        hand.grab(tmp_path / f"{name}.png")

    show(NetworkView("network-running", running=True), "running")
    weak = NetworkView("network-weak", up=LineRate(58, floor=False), down=LineRate(59, floor=False), round_trip_ms=100)
    show(weak, "weak")
    agent.say(change(CONSENTED, network=weak, notices=("check-network-weak",)))
    hand.until("networkVerdict", lambda seen: not seen.visible, "said once")
    assert hand.read("notices").text == "Connexion trop faible pour l’image : voix et mesures passent"
    hand.grab(tmp_path / "notice.png")
    show(SLOW, "slow")
    hand.tap("roomCheck")
    assert agent.hear() == CheckRoom(on=True)
    worst = (("light", "against-light"), ("sound", "microphone-muted"), ("noise", "too-noisy"), ("card", "sound-elsewhere"))
    checks = tuple(Check(*one, good=False) for one in worst)
    agent.say(change(CONSENTED, network=SLOW, room=RoomView(on=True, level=0.4, checks=checks)))
    seen = hand.until("networkFigures", lambda seen: seen.visible, "the figures")
    assert seen.text == "Envoi : 296 kbit/s · réception : ≥ 4,1 Mbit/s · aller-retour : 87 ms · pertes : 2 %"
    assert (
        hand.read("networkRelays").text == "Relais d’appel : UDP 3478 fonctionne · TCP 3478 ne répond pas · TLS 443 certificat non reconnu"
    )
    assert hand.read("check-line").text == "Connexion lente : image réduite, les mesures passent"
    hand.grab(tmp_path / "sheet.png")
    hand.tap("networkAgain")
    assert agent.hear() == TestNetwork()
    agent.say(change(CONSENTED, network=weak, room=RoomView(on=True)))
    hand.until("networkFigures", lambda seen: "pertes : non mesuré" in seen.text, "what was not measured is not a number")
    hand.tap("roomClose")
    assert agent.hear() == CheckRoom(on=False)
    agent.say(CONSENTED)
    hand.tap("textSize")
    relays = msgspec.structs.replace(SLOW, says="network-relays")
    agent.say(change(CONSENTED, network=relays, room=RoomView(on=True, checks=checks)))
    hand.until("check-line", lambda seen: seen.text == "Les relais d’appel ne répondent pas", "the relays' verdict")
    hand.grab(tmp_path / "large.png")
    assert hand.read("networkAgain").visible
    assert hand.read("roomClose").visible

"""Agent, call process and station as real processes, simulated instruments, a specialist without a browser.

Needs F004-03, F004-04, F004-05, F004-07, F004-20, F004-25, F000-05, F000-17, SYS-03, SYS-20.
"""

import base64
import json
from pathlib import Path

from kiosk.consultation.record import faults
from protocol import screen
from protocol.specialist import Ended, Leave, Report, Situation, Text, Values
from tests.end_to_end.rig import booth, specialist


async def test_a_blood_pressure_reaches_the_specialist_sealed_and_is_seen(tmp_path: Path) -> None:
    async with booth(tmp_path) as (house, helper):
        view = await helper.to_waiting()
        async with specialist(house) as doctor:
            entries = await doctor.until(
                lambda: [entry for message in doctor.control if hasattr(message, "entries") for entry in message.entries]
            )
            assert entries[0].ticket == view.ticket
            await doctor.join(entries[0].consultation)
            await doctor.until(lambda: doctor.authentication)
            view = await helper.stage("in-call")
            assert view.call.authentication == doctor.authentication
            await doctor.until(lambda: any(isinstance(message, Situation) for message in doctor.heard))
            await house.control.ask(play="cuff", script="normal")
            values = await doctor.until(lambda: [message for message in doctor.heard if isinstance(message, Values) and message.settled])
            assert [(number.vital, number.value, number.unit) for number in values[0].numbers] == [
                ("systolic", "124", "mmHg"),
                ("diastolic", "86", "mmHg"),
                ("mean-arterial-pressure", "97", "mmHg"),
                ("pulse-rate", "51", "/min"),
            ]
            assert "unconfirmed" in values[0].remarks
            await helper.until(lambda: helper.view and helper.view.kept)
            assert helper.view is not None
            assert helper.view.kept[0].state == "pending"
            helper.tap(screen.Confirm(helper.view.kept[0].id, accepted=True))
            await helper.until(lambda: helper.view and helper.view.kept[0].state == "seen")
            kind, payload = doctor.mail[0]
            assert kind == "observation"
            assert json.loads(payload)["resourceType"] == "Bundle"
            await doctor.say(Text(text="Bonjour", at=1))
            await helper.until(lambda: helper.view and helper.view.texts)
            await doctor.say(Report(text="Tension normale.", conclusion="advice"))
            await doctor.say(Leave(), final=True)
            view = await helper.stage("erased")
            await doctor.until(lambda: len(doctor.mail) == 2 and any(isinstance(message, Ended) for message in doctor.heard))
            kind, record = doctor.mail[1]
            assert kind == "record"
            assert faults(record, base64.b64decode((await house.control.ask(status=True))["key"])) == []
            kinds = [entry["kind"] for entry in json.loads(record)["entries"]]
            assert {"identity", "consent", "joined", "measured", "kept", "seen", "report", "ended"} <= set(kinds)
            assert view.patient == ""
            assert view.kept == ()


async def test_the_line_is_measured_before_the_specialist_is_called(tmp_path: Path) -> None:
    """By itself, over TLS, between the real agent and the real station. Needs F002-20."""
    async with booth(tmp_path) as (_, helper):
        await helper.to_consented()
        await helper.until(lambda: helper.view and helper.view.network.says == "network-good")
        assert helper.view is not None
        assert helper.view.network.up is not None
        assert helper.view.network.up.floor
        assert helper.view.station == "connected"

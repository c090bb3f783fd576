"""The whole consultation, in order."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from playwright.async_api import Error as BrowserError

from simulators.consultation.arriving import Arriving
from simulators.consultation.auscultating import Auscultating
from simulators.consultation.closing import CANARY, Closing
from simulators.consultation.examining import Examining
from simulators.consultation.measuring import Measuring
from simulators.consultation.opening import Opening
from simulators.consultation.searching import Searching
from simulators.consultation.stage import Stage
from simulators.consultation.step import Step
from simulators.consultation.timing import Timing
from simulators.processes import House
from ui.remote_client import ScreenError


class Consultation:
    """Everything one run needs. `seconds` is how long latencies and pictures are measured, `patience` how long an observation may take."""

    def __init__(self, house: House, out: Path, *, seconds: float, patience: float) -> None:
        self._stage = stage = Stage(house, out, patience)
        self._opening, self._arriving, self._measuring = Opening(stage), Arriving(stage), Measuring(stage)
        self._auscultating, self._examining = Auscultating(stage), Examining(stage)
        self._timing = Timing(stage, self._opening, self._measuring, seconds)
        self._closing = Closing(stage, self._measuring, self._auscultating, self._examining)
        self._searching = Searching(stage, self._arriving, self._closing)
        self.hurry, self.close = stage.hurry, stage.close

    @staticmethod
    def names() -> list[str]:
        """The names of the steps, in order."""
        nowhere = Consultation(House(Path(os.devnull), make=False), Path(), seconds=0, patience=0)
        return [step.name for step in nowhere.steps()]

    def steps(self) -> list[Step]:
        """The consultation, in order."""
        agent, play, tap, tile = self._stage.agent, self._stage.play, self._stage.hand.tap, self._measuring.tile
        opening, arriving, measuring, timing = self._opening, self._arriving, self._measuring, self._timing
        auscultating, examining, closing, searching = self._auscultating, self._examining, self._closing, self._searching
        return [
            Step("station", opening.start_station, opening.page_has_its_own_origin),
            Step("agent", opening.start_agent, opening.station_knows_the_booth),
            Step("screen", opening.start_screen, opening.agent_has_a_screen),
            Step("sign-in", opening.sign_in, opening.station_has_a_session),
            Step("new-consultation", lambda: tap("newConsultation"), lambda: agent("opened", value=True), shows="identity"),
            Step("identity", arriving.identify, lambda: agent("stage", value="identified"), shows="stop-list"),
            Step("stop-list", arriving.stop_list, lambda: agent("emergency", value=False), shows="information"),
            Step("information", lambda: tap("informedNext"), lambda: agent("stage", value="informed"), shows="consent"),
            Step("consent", arriving.consent, lambda: agent("stage", value="consented"), shows="measure"),
            Step("serial-oximeter", lambda: play("serial-oximeter", "normal"), arriving.serial_oximeter_is_shown),
            Step("code", arriving.make_code, arriving.page_shows_a_code),
            Step("waiting", arriving.type_the_code, arriving.page_shows_the_ticket, shows="waiting"),
            Step("join", arriving.join, lambda: agent("stage", value="in-call"), shows="call"),
            Step("authentication", arriving.compare, arriving.both_have_compared),
            Step("video", lambda: tap("cameraSwitch"), timing.pictures_go_both_ways),
            Step("oximeter", lambda: play("oximeter", "normal"), measuring.live_saturation_is_shown),
            Step("blood-pressure", lambda: play("cuff", "normal"), lambda: tile("blood-pressure", "124/86")),
            Step("confirmed", measuring.confirm, measuring.results_are_seen),
            Step("failed-cuff", lambda: play("cuff", "failed"), lambda: tile("blood-pressure", "—")),
            Step("old-reading", lambda: play("thermometer", "stale"), measuring.old_reading_is_shown),
            Step("temperature", lambda: play("thermometer", "canary"), lambda: tile("temperature", CANARY.replace(".", ","))),
            Step("temperature-confirmed", measuring.confirm, measuring.results_are_seen),
            Step("stethoscope", auscultating.place, auscultating.heard),
            Step("sound-kept", auscultating.keep, auscultating.is_kept),
            Step("exam-camera", examining.show, examining.is_seen),
            Step("photo-asked", examining.photograph, examining.is_asked),
            Step("photo-kept", examining.agree, examining.is_kept),
            Step("text", closing.write_both_ways, closing.both_have_read),
            Step("measure", timing.measure, timing.enough_was_measured),
            Step("export", closing.export, closing.bundle_is_whole),
            Step("report", closing.report, closing.report_has_left),
            Step("crash-dump", searching.dump, searching.dump_holds_nothing),
            Step("end", closing.end, closing.record_is_whole, shows="end"),
            Step("erased", lambda: tap("nextPatient"), searching.nothing_is_left, shows="welcome"),
            Step("blind-station", searching.plant, searching.station_saw_nothing),
        ]

    async def lead_to_waiting(self) -> None:
        """Play the helper until the patient waits."""
        await self._stage.hand.connect()
        await self._stage.hand.tap("newConsultation")
        await self._arriving.identify()
        await self._arriving.stop_list()
        await self._stage.hand.tap("informedNext")
        await self._arriving.consent()
        await self._stage.hand.tap("enterWaiting")

    async def picture(self, number: int, step: Step) -> None:
        """Both screens as they are now, as far as they are there: a missing side has no picture, and the step has said why."""
        hand, doctor, out = self._stage.hand, self._stage.doctor, self._stage.out
        with contextlib.suppress(ScreenError):
            if step.shows:
                await hand.until("screen", lambda item: item.text == step.shows, f"the screen {step.shows}")
            await hand.grab(out / f"booth-{number:02}-{step.name}.png")
        with contextlib.suppress(RuntimeError, BrowserError):
            await doctor.grab(out / f"specialist-{number:02}-{step.name}.png")

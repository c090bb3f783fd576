"""The scripted consultation of `./run demo --once`: every step acts on one side and asks another party what it saw."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import os
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.async_api import Error as BrowserError

from kiosk.commands import page as page_command
from kiosk.consultation.erase import forms, scan, search, text_forms
from kiosk.consultation.record import faults
from kiosk_fhir.check import check_bundle
from simulators import fake_camera
from simulators.auscultating import Auscultating
from simulators.doctor import Doctor
from simulators.hand import Hand
from simulators.memory_image import memory_image, standing
from simulators.processes import House
from simulators.step import NotObservedError, Step
from ui.remote_client import ScreenError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

DOCTOR = "Dr Claire Morel"
FAMILY, GIVEN, BORN = "Vauquelin", "Jeanne", "02/04/1950"
NOTE = "Essoufflée depuis mardi en montant l'escalier"
ANSWER = "Asseyez-vous, nous reprenons la tension."
REPORT = "Dyspnée d'effort à explorer, tension normale au repos."
CANARY = "36.8437"
PLANTED = "canary-planted-by-a-client-8c1f"
#: frames shorter than this are found by chance in enough random octets
SHORTEST_FRAME = 5
#: of a memory so many frames are looked for, the longest
LONGEST_FRAMES = 4
#: figures are judged only when they were taken for at least so long
MIN_SECONDS, MIN_NUMBERS, MIN_SAMPLES, MIN_FPS = 20.0, 100, 1000, 20.0


class Consultation:
    """Everything one run needs. `seconds` is how long latencies and pictures are measured, `patience` how long an observation may take."""

    def __init__(self, house: House, out: Path, *, seconds: float, patience: float) -> None:
        self._house, self._out, self._seconds, self._patience = house, out, seconds, patience
        self._camera = house.folder / "camera.mjpeg"
        self._doctor = Doctor(self._camera, int(patience * 1000))
        self._hand = Hand(house.run / "remote.sock", patience)
        self._auscultating = Auscultating(self._doctor, self._hand)
        self._agent_ready_ms = 0.0
        self._window: dict[str, Any] = {}
        self._confirmed: list[str] = []
        self._digest = ""
        self._code = ""
        self._dumped = b""

    @staticmethod
    def names() -> list[str]:
        """The names of the steps, in order."""
        nowhere = Consultation(House(Path(os.devnull), make=False), Path(), seconds=0, patience=0)
        return [step.name for step in nowhere.steps()]

    def steps(self) -> list[Step]:
        """The consultation, in order."""
        return [
            Step("station", self._start_station, self._page_has_its_own_origin),
            Step("agent", self._start_agent, self._station_knows_the_booth),
            Step("screen", self._start_screen, self._agent_has_a_screen),
            Step("sign-in", self._sign_in, self._station_has_a_session),
            Step("new-consultation", lambda: self._tap("newConsultation"), lambda: self._agent("opened", value=True), shows="identity"),
            Step("identity", self._identify, lambda: self._agent("stage", value="identified"), shows="stop-list"),
            Step("stop-list", self._stop_list, lambda: self._agent("emergency", value=False), shows="information"),
            Step("information", lambda: self._tap("informedNext"), lambda: self._agent("stage", value="informed"), shows="consent"),
            Step("consent", self._consent, lambda: self._agent("stage", value="consented"), shows="measure"),
            Step("serial-oximeter", lambda: self._play("serial-oximeter", "normal"), self._screen_shows_serial_oximeter),
            Step("code", self._make_code, self._page_shows_a_code),
            Step("waiting", self._type_the_code, self._page_shows_the_ticket, shows="waiting"),
            Step("join", self._join, lambda: self._agent("stage", value="in-call"), shows="call"),
            Step("authentication", self._compare, self._both_have_compared),
            Step("video", lambda: self._tap("cameraSwitch"), self._pictures_go_both_ways),
            Step("oximeter", lambda: self._play("oximeter", "normal"), self._page_shows_live_saturation),
            Step("blood-pressure", lambda: self._play("cuff", "normal"), lambda: self._tile("blood-pressure", "124/86")),
            Step("confirmed", self._confirm, self._results_are_seen),
            Step("failed-cuff", lambda: self._play("cuff", "failed"), lambda: self._tile("blood-pressure", "—")),
            Step("old-reading", lambda: self._play("thermometer", "stale"), self._screen_shows_an_old_reading),
            Step("temperature", lambda: self._play("thermometer", "canary"), lambda: self._tile("temperature", CANARY.replace(".", ","))),
            Step("temperature-confirmed", self._confirm, self._results_are_seen),
            Step("stethoscope", self._auscultating.place, self._auscultating.heard),
            Step("sound-kept", self._auscultating.keep, self._auscultating.is_kept),
            Step("text", self._write_both_ways, self._both_have_read),
            Step("measure", self._measure, self._enough_was_measured),
            Step("export", self._export, self._bundle_is_whole),
            Step("report", self._report, self._page_says_report_sent),
            Step("crash-dump", self._dump, self._dump_holds_nothing),
            Step("end", self._end, self._record_is_whole, shows="end"),
            Step("erased", lambda: self._tap("nextPatient"), self._nothing_is_left, shows="welcome"),
            Step("blind-station", self._plant, self._station_saw_nothing),
        ]

    async def lead_to_waiting(self) -> None:
        """Play the helper until the patient waits."""
        await self._hand.connect()
        await self._tap("newConsultation")
        await self._identify()
        await self._stop_list()
        await self._tap("informedNext")
        await self._consent()
        await self._tap("enterWaiting")

    def hurry(self, patience: float) -> None:
        """Wait no longer than this from now on."""
        self._patience = patience
        self._hand.hurry(patience)
        self._doctor.hurry(int(patience * 1000))

    async def picture(self, number: int, step: Step) -> None:
        """Both screens as they are now, as far as they are there: a missing side has no picture, and the step has said why."""
        with contextlib.suppress(ScreenError):
            if step.shows:
                await self._hand.until("screen", lambda item: item.text == step.shows, f"the screen {step.shows}")
            await self._hand.grab(self._out / f"booth-{number:02}-{step.name}.png")
        with contextlib.suppress(RuntimeError, BrowserError):
            await self._doctor.grab(self._out / f"specialist-{number:02}-{step.name}.png")

    async def close(self) -> None:
        """End browser, hand and house, and keep what the station has seen."""
        self._hand.close()
        await self._doctor.close()
        await self._house.stop()

    # --- helpers --------------------------------------------------------------------------------------------------------------------

    async def _play(self, device: str, script: str) -> None:
        await self._house.control.ask(play=device, script=script)

    async def _tap(self, name: str) -> None:
        await self._hand.tap(name)

    async def _until(self, what: str, ask: Callable[[], Awaitable[str | None]]) -> str:
        deadline = time.monotonic() + self._patience
        while True:
            if found := await ask():
                return found
            if time.monotonic() > deadline:
                raise NotObservedError(what)
            await asyncio.sleep(0.05)

    async def _agent(self, field: str, *, value: object) -> str:
        async def ask() -> str | None:
            status = await self._house.control.ask(status=True)
            return f"the agent says {field} = {status[field]}" if status[field] == value else None

        return await self._until(f"the agent's {field} did not become {value}", ask)

    async def _tile(self, vital: str, text: str) -> str:
        await self._doctor.until(
            "([vital, text]) => [...document.querySelectorAll(`.tile[data-vital='${vital}'] .value`)].some((e) => e.textContent === text)",
            [vital, text],
        )
        return f"the page's tile of {vital} shows {text}"

    def _database(self, query: str) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(f"file:{self._house.database}?mode=ro", uri=True)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    # --- steps ----------------------------------------------------------------------------------------------------------------------

    async def _start_station(self) -> None:
        await self._house.start_station()

    async def _page_has_its_own_origin(self) -> str:
        station, origin = self._house.origin, self._house.page_origin
        if not station:
            raise NotObservedError("there is no station to ask")
        async with self._house.session() as session:
            async with session.get(f"{origin}/") as response:
                policy = response.headers.get("Content-Security-Policy", "")
            if f"connect-src {station.replace('http', 'ws', 1)};" not in policy:
                raise NotObservedError(f"the page's answer is {response.status} with policy {policy!r}")
            async with session.get(f"{station}/") as response:
                if response.status != 404:
                    raise NotObservedError(f"the station serves something at /: {response.status}")
            published = await page_command.served(session, origin, base64.b64decode(self._house.publisher))
        return f"the page {published[:12]}… is the one that was signed, and speaks to the station only"

    async def _start_agent(self) -> None:
        started = time.monotonic()
        await self._house.start_agent()
        self._agent_ready_ms = (time.monotonic() - started) * 1000

    async def _station_knows_the_booth(self) -> str:
        async def ask() -> str | None:
            rows = self._database("select count(*) from audit where event = 'booth-signed-in'")
            return "the station's audit has the booth's sign-in" if rows[0][0] else None

        return await self._until("the booth did not sign in at the station", ask)

    async def _start_screen(self) -> None:
        await self._house.start_screen(offscreen=True)

    async def _agent_has_a_screen(self) -> str:
        async def ask() -> str | None:
            status = await self._house.control.ask(status=True)
            return f"first frame after {status['screen_ms']:.0f} ms" if status["screen_ms"] else None

        found = await self._until("the agent heard of no first frame", ask)
        await self._hand.connect()
        return found

    async def _sign_in(self) -> None:
        await asyncio.to_thread(fake_camera.write, self._camera, 480, 270)
        await self._doctor.start(await asyncio.to_thread(self._house.browser_home))
        await self._doctor.open(await self._house.admin("link", DOCTOR))
        await self._until("the page has not asked to be enrolled", self._admitted)

    async def _admitted(self) -> str | None:
        return "admitted" if await self._house.admit() else None

    async def _station_has_a_session(self) -> str:
        async def ask() -> str | None:
            return "the station has one session" if self._database("select count(*) from sessions")[0][0] else None

        found = await self._until("no specialist signed in", ask)
        await self._doctor.see(".waiting")
        listed = self._house.organisation.directory.number if self._house.organisation is not None else 0
        await self._agent("directory", value=listed)
        return f"{found}, booth and specialist are in directory {listed} of their organisation"

    async def _identify(self) -> None:
        for field, text in (("familyName", FAMILY), ("givenName", GIVEN), ("birthDate", BORN)):
            await self._hand.type(field, text)
        await self._tap("sexFemale")
        await self._tap("identityConfirm")

    async def _stop_list(self) -> None:
        for number in range(1, 6):
            await self._tap(f"stopNo{number}")
        await self._tap("stopNext")

    async def _consent(self) -> None:
        for name in ("consentAct", "consentSharing", "consentPhotosRefuse", "consentNext"):
            await self._tap(name)

    async def _screen_shows_serial_oximeter(self) -> str:
        status = await self._house.control.ask(status=True)
        key = next((device["key"] for device in status["devices"] if device["key"].startswith("serial:")), "")
        shown = await self._hand.until(f"live-{key}-spo2", lambda item: any(digit in item.text for digit in "0123456789"), "a number")
        return f"the screen shows {shown.text}"

    async def _make_code(self) -> None:
        await self._doctor.page.locator("button.make-code").click()

    async def _page_shows_a_code(self) -> str:
        await self._doctor.see(".patient-code .digits")
        self._code = await self._doctor.text(".patient-code .digits")
        return f"the page shows a code of {sum(sign.isdigit() for sign in self._code)} digits for the patient"

    async def _type_the_code(self) -> None:
        await self._tap("doctorCode")
        await self._hand.type("codeInput", self._code)
        await self._tap("codeConfirm")

    async def _page_shows_the_ticket(self) -> str:
        ticket = (await self._hand.until("ticket", lambda item: bool(item.text), "a ticket")).text
        await self._doctor.see(".patient-code .arrived")
        seen = (await self._doctor.text(".patient-code .arrived")).split()[-1]
        if not seen or seen not in ticket:
            raise NotObservedError(f"the page shows ticket {seen!r}, the screen {ticket!r}")
        return f"ticket {seen} on both screens"

    async def _join(self) -> None:
        await self._doctor.page.locator(".patient-code button.primary").click()

    async def _compare(self) -> None:
        digits = (await self._doctor.text(".code .digits")).replace(" ", "")
        shown = await self._hand.until("authentication", lambda item: len(item.text.replace(" ", "")) >= len(digits), "six digits")
        if shown.text.replace(" ", "") != digits:
            raise NotObservedError(f"the page shows {digits}, the screen {shown.text}")
        await self._doctor.page.locator(".code button.primary").click()
        await self._tap("identicalYes")

    async def _both_have_compared(self) -> str:
        await self._agent("verified", value=True)
        await self._doctor.see(".phase .verified")
        return "the same six digits on both screens"

    async def _pictures_go_both_ways(self) -> str:
        await self._doctor.until("() => window.telecabineMeasures.stampedFrames > 20")

        async def ask() -> str | None:
            frames = sum(line["distinct"] for line in self._stamps())
            return f"{frames} different pictures of the specialist" if frames > 20 else None

        return await self._until("the booth sees no picture of the specialist", ask)

    def _stamps(self) -> list[dict[str, Any]]:
        if not self._house.stamps.exists():
            return []
        return [json.loads(line) for line in self._house.stamps.read_text().splitlines() if line.endswith("}")]

    async def _page_shows_live_saturation(self) -> str:
        expression = (
            "() => [...document.querySelectorAll(\".tile[data-vital='spo2'][data-state='live']\")]"
            ".filter((e) => /[0-9]/.test(e.querySelector('.value').textContent)).length > 1"
        )
        await self._doctor.until(expression)
        return "two live saturations, one a device"

    async def _pending(self) -> list[str]:
        status = await self._house.control.ask(status=True)
        return [kept["id"] for kept in status["kept"] if kept["state"] == "pending" and kept["id"] not in self._confirmed]

    async def _confirm(self) -> None:
        await self._until("there is nothing to confirm", self._first_pending)
        for result in await self._pending():
            await self._tap(f"confirm-{result}")
            self._confirmed.append(result)

    async def _first_pending(self) -> str | None:
        return next(iter(await self._pending()), None)

    async def _results_are_seen(self) -> str:
        if await self._pending() or not self._confirmed:
            raise NotObservedError("a result waits for the helper's word")
        for result in self._confirmed:
            await self._doctor.see(f"[data-envelope='{result}'] .seen:not(:empty)")

        async def ask() -> str | None:
            status = await self._house.control.ask(status=True)
            seen = [kept["id"] for kept in status["kept"] if kept["state"] == "seen"]
            return f"{len(seen)} signed receipts" if set(self._confirmed) <= set(seen) else None

        return await self._until("the specialist's receipt did not come", ask)

    async def _screen_shows_an_old_reading(self) -> str:
        async def ask() -> str | None:
            status = await self._house.control.ask(status=True)
            return next((entry["id"] for entry in status["unattributed"]), None)

        identifier = await self._until("the agent has no unattributed reading", ask)
        shown = await self._hand.until(f"unattributed-{identifier}", lambda item: item.visible, "the old reading")
        return f"the screen says: {shown.text}"

    async def _write_both_ways(self) -> None:
        await self._hand.type("textInput", NOTE)
        await self._tap("textSend")
        await self._tap("padDone")
        await self._doctor.page.locator("#line").fill(ANSWER)
        await self._doctor.page.locator(".conversation form button").click()

    async def _both_have_read(self) -> str:
        await self._doctor.until("(text) => document.querySelector('.conversation ul').textContent.includes(text)", NOTE)
        await self._hand.until("texts", lambda item: ANSWER in item.text, "the specialist's words")
        return "each has read the other"

    async def _measure(self) -> None:
        await self._doctor.page.evaluate("window.telecabineMeasures.clearLatencies()")
        before, at = await self._doctor.measures(), time.time()
        await self._play("cuff", "again")
        await asyncio.sleep(self._seconds)
        after, seconds = await self._doctor.measures(), time.time() - at
        inside = [line for line in self._stamps() if at * 1000 + 1000 <= line["at"]]
        self._window = {
            "measures": after,
            "to_specialist": (after["stampedFrames"] - before["stampedFrames"]) / seconds,
            "to_booth": sum(line["distinct"] for line in inside) / max(len(inside), 1),
        }
        await self._confirm()

    async def _enough_was_measured(self) -> str:
        if not self._window:
            raise NotObservedError("nothing was measured")
        measures = self._window["measures"]
        wanted = {f"{measures['cspViolations']} policy violations": measures["cspViolations"] == 0}
        if self._seconds >= MIN_SECONDS:
            wanted |= {
                f"{measures['numbers']['n']} numbers": measures["numbers"]["n"] >= MIN_NUMBERS,
                f"{measures['curves']['n']} curve samples": measures["curves"]["n"] >= MIN_SAMPLES,
                f"{self._window['to_specialist']:.1f} fps to the specialist": self._window["to_specialist"] >= MIN_FPS,
                f"{self._window['to_booth']:.1f} fps to the booth": self._window["to_booth"] >= MIN_FPS,
            }
        missed = [what for what, enough in wanted.items() if not enough]
        if missed:
            raise NotObservedError(", ".join(missed))
        await self._write_timings()
        return ", ".join(wanted)

    async def _write_timings(self) -> None:
        measures = self._window["measures"]
        status = await self._house.control.ask(status=True)
        pids = {name: process.pid for name, process in self._house.processes.items()} | {"call": status["call_pid"]}
        latency = {name: {key: measures[name][key] for key in ("p50", "p95", "p99", "n")} for name in ("numbers", "curves")}
        timings = {
            "vitals_latency_ms": latency["numbers"],
            "curve_latency_ms": latency["curves"],
            "call_connected_ms": round(measures["callConnected"] - measures["joined"]),
            "first_video_frame_ms": round(measures["firstPicture"] - measures["joined"]),
            "ui_first_frame_ms": round(status["screen_ms"]),
            "agent_ready_ms": round(self._agent_ready_ms),
            "rss_mb": {name: _rss_mb(pids[name]) for name in ("agent", "call", "ui", "station")},
            "video_fps": {name: round(self._window[name], 1) for name in ("to_specialist", "to_booth")},
        }
        (self._out / "timings.json").write_text(json.dumps(timings, indent=1) + "\n")

    async def _export(self) -> None:
        await self._doctor.download("button.export", self._out / "bundle.json")

    async def _bundle_is_whole(self) -> str:
        path = self._out / "bundle.json"
        if not path.exists():
            raise NotObservedError("the page has exported nothing")
        text = path.read_text(encoding="utf-8")
        bundle = json.loads(text)
        check_bundle(bundle)
        kinds = [entry["resource"]["resourceType"] for entry in bundle["entry"]]
        if CANARY not in text or FAMILY not in text or kinds.count("Provenance") != len(self._confirmed) + self._auscultating.kept:
            raise NotObservedError(f"the exported Bundle does not hold the {len(self._confirmed)} confirmed results and the sound: {kinds}")
        return f"{len(kinds)} resources, {kinds.count('Observation')} Observations"

    async def _report(self) -> None:
        await self._doctor.page.locator("#report-text").fill(REPORT)
        await self._doctor.page.locator("#report-prescriptions").fill("Auscultation à distance. Radiographie du thorax.")
        await self._doctor.page.locator("#report-conclusion").fill("Consultation en présence sous un mois")
        await self._doctor.page.locator(".report form button").click()

    async def _page_says_report_sent(self) -> str:
        await self._doctor.see(".report [role=status]:not(:empty)")
        return "the page says that the report left"

    async def _end(self) -> None:
        await self._tap("endConsultation")
        await self._tap("endConfirm")

    async def _record_is_whole(self) -> str:
        await self._doctor.see("[data-phase='ended']")
        await self._doctor.see(".kept li:has(button) .seen:not(:empty)")
        path = self._out / "act-record.json"
        await self._doctor.download(".kept li button", path)
        record = path.read_bytes()
        key = base64.b64decode((await self._house.control.ask(status=True))["key"])
        found = faults(record, key)
        kinds = {entry["kind"] for entry in json.loads(record)["entries"]}
        missing = {"identity", "consent", "joined", "authentication", "measured", "kept", "seen", "report", "unattributed", "ended"} - kinds
        digest = hashlib.sha256(record).hexdigest()
        slip = (await self._hand.until("slip", lambda item: bool(item.text), "the slip")).text
        if found or missing or digest[:12] not in slip.replace(" ", ""):
            raise NotObservedError(f"the act record: faults {found}, missing {sorted(missing)}, slip {slip!r}, digest {digest}")
        return f"signed and whole, {len(kinds)} kinds of lines, its hash is on the slip"

    def _texts(self) -> list[tuple[bytes, ...]]:
        code = (self._code, self._code.replace(" ", "")) if self._code else ()
        return [text_forms(text) for text in (FAMILY, NOTE, ANSWER, REPORT, CANARY, *code)]

    def _needles(self) -> list[tuple[bytes, ...]]:
        lines = self._house.frames.read_text().splitlines() if self._house.frames.exists() else []
        frames = {bytes.fromhex(line) for line in lines}
        found = [forms(samples) for samples in self._auscultating.needles(self._out / "bundle.json")]
        return self._texts() + found + [forms(frame) for frame in frames if len(frame) >= SHORTEST_FRAME]

    async def _nothing_is_left(self) -> str:
        await self._hand.until("newConsultation", lambda item: item.visible, "the welcome")
        needles = self._needles()
        hits = scan(self._house.state, needles) + scan(self._house.logs, needles)
        if hits:
            raise NotObservedError(f"left on the booth: {hits[:5]}")
        return f"{len(needles)} needles, none in the booth's state and logs"

    async def _dump(self) -> None:
        """Keep the station's memory as a crash would now, after everything of a consultation has gone through it."""
        self._dumped = memory_image(self._house.processes["station"].pid)

    async def _dump_holds_nothing(self) -> str:
        texts, image = self._texts(), self._dumped
        if not standing([text_forms(DOCTOR)], image):
            raise NotObservedError("the specialist's name, which the station knows, was not found in its memory: the search proves nothing")
        needles = texts + sorted(self._needles()[len(texts) :], key=lambda form: len(form[0]))[-LONGEST_FRAMES:]
        hits = await asyncio.to_thread(standing, needles, image)
        if hits:
            raise NotObservedError(f"a crash dump of the station would hold {len(hits)} of {len(needles)} needles")
        return f"{len(image)} octets of memory, {len(needles)} needles: none found; the specialist's name was"

    async def _plant(self) -> None:
        async with (
            self._house.session() as session,
            session.ws_connect(self._house.origin + "/specialist", origin=self._house.page_origin) as socket,
        ):
            await socket.send_str(PLANTED)
            await socket.receive()

    async def _station_saw_nothing(self) -> str:
        await self._house.stop()
        tap = self._house.tap.read_bytes()
        files = [self._house.database, *self._house.folder.glob(f"{self._house.database.name}-*"), self._house.logs / "station.log"]
        everything = tap + b"".join(path.read_bytes() for path in files if path.exists())
        (self._out / "station-tap.bin").write_bytes(everything)
        if not list(search(everything, [text_forms(PLANTED)], "tap")):
            raise NotObservedError("the planted canary was not found: the search proves nothing")
        needles = self._needles()
        hits = list(search(everything, needles, "tap"))
        if hits:
            raise NotObservedError(f"the station has seen {len(hits)} of {len(needles)} needles")
        return f"{len(everything)} octets, {len(needles)} needles: none found; the planted canary was"


def _rss_mb(pid: int) -> float:
    with open(f"/proc/{pid}/status", encoding="ascii") as file:  # noqa: PTH123 - not a file of ours
        line = next(line for line in file if line.startswith("VmRSS"))
    return round(int(line.split()[1]) / 1024, 1)

"""A booth and a station as processes, a screen and a specialist of the test's own."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from kiosk.packets import Packets, connect
from protocol import screen
from simulators.headless import HeadlessSpecialist
from simulators.processes import House

PATIENCE = 20


class Screen:
    """Speaks the screen's messages over the real socket; `view` is the newest."""

    def __init__(self, path: Path) -> None:
        self._changed = asyncio.Condition()
        self.view: screen.View | None = None
        self.live: list[screen.Live] = []
        self.curves: list[screen.Curve] = []
        self.lost: list[screen.LinkLost] = []
        self._connection = Packets(connect(path), self.received, lambda: None)
        self._tasks: set[asyncio.Task[None]] = set()

    def received(self, packet: bytes | None) -> None:
        message = screen.to_screen.decode(packet or b"")
        match message:
            case screen.View():
                self.view = message
            case screen.Live():
                self.live.append(message)
            case screen.Curve():
                self.curves.append(message)
            case screen.LinkLost():
                self.lost.append(message)
        task = asyncio.ensure_future(self._notify())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def tap(self, message: screen.FromScreen) -> None:
        self._connection.send(screen.from_screen.encode(message))

    def send_raw(self, packet: bytes) -> None:
        self._connection.send(packet)

    async def until(self, condition: Callable[[], object]) -> None:
        try:
            async with asyncio.timeout(PATIENCE), self._changed:
                await self._changed.wait_for(condition)
        except TimeoutError:
            raise AssertionError(f"did not happen; the screen shows {self.view}") from None

    async def stage(self, stage: str) -> screen.View:
        await self.until(lambda: self.view is not None and self.view.stage == stage)
        assert self.view is not None
        return self.view

    async def to_consented(self) -> screen.View:
        """A patient is identified and has consented."""
        await self.until(lambda: self.view is not None and self.view.station == "connected")
        self.tap(screen.OpenSession())
        self.tap(screen.TypedIdentity("Martin", "Jeanne", "1950-04-02", "female"))
        self.tap(screen.StopList(emergency=False))
        self.tap(screen.Informed("1"))
        for subject in ("photos", "sharing", "act"):
            self.tap(screen.Consent(subject, given=subject != "photos"))  # type: ignore[arg-type]
        return await self.stage("consented")

    async def to_waiting(self) -> screen.View:
        """As `to_consented`, and the patient waits."""
        await self.to_consented()
        self.tap(screen.Wait())
        return await self.stage("waiting")

    def close(self) -> None:
        self._connection.close()


@contextlib.asynccontextmanager
async def booth(folder: Path) -> AsyncIterator[tuple[House, Screen]]:
    """Station and agent are up, the test's screen is connected."""
    house = House(folder)
    try:
        await house.start_station()
        await house.start_agent()
        screen_ = Screen(house.run / "agent.sock")
        yield house, screen_
        screen_.close()
    finally:
        await house.stop()


@contextlib.asynccontextmanager
async def specialist(house: House) -> AsyncIterator[HeadlessSpecialist]:
    """A specialist who has signed in and hears."""
    token = (await house.admin("link", "Dr Essai")).split("#")[1].split("~")[0]
    async with house.session() as session:
        headless = HeadlessSpecialist(session, house.origin, house.page_origin, token)
        await house.enlist(headless.request("Dr Essai"))
        assert house.organisation is not None
        await house.until(lambda status: bool(status["directory"] == house.organisation.directory.number))
        await headless.connect()
        hearing = asyncio.create_task(headless.run())
        yield headless
        await headless.leave()
        await asyncio.gather(hearing, return_exceptions=True)


async def enter(doctor: HeadlessSpecialist, helper: Screen) -> None:
    """The specialist joins the only patient who waits; both are in the call."""
    entries = await doctor.until(lambda: [entry for message in doctor.control if hasattr(message, "entries") for entry in message.entries])
    await doctor.join(entries[0].consultation)
    await helper.stage("in-call")
    await doctor.until(lambda: doctor.authentication)

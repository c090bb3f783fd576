"""One connection to one BLE device, from connect to its end: subscribe, read, pass on what comes."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bleak.exc import BleakError

from drivers.driver import Gatt, load
from drivers.gatt import clock, record_access
from drivers.measurement import Frame
from kiosk.links.acquaintance import check_identity, clock_reading, described
from kiosk.links.attributes import FAILURES, Attributes
from kiosk.links.link import ClockSet, NotAllowedError, NotConnectedError, RecordTransfer
from kiosk.links.matching import companions, full, short
from kiosk.links.records import Records
from kiosk.links.retry import advice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bleak import BleakClient

    from drivers.device import Device
    from drivers.driver import Driver, Unlock
    from kiosk.links.link import Clock, Emit, States

_log = logging.getLogger(__name__)

RECORDS = "2A52"


class UnfitDeviceError(Exception):
    """The device offers none of what its driver reads."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long things may take, in seconds.

    A live stream is stale ("no signal") after `stale_s` without data; its connection is given up after `give_up_s`. A scanner that
    hears nothing for `silent_s` is started anew. A meter that says nothing for `records_s` while its records are fetched has failed.
    A device that only advertises is gone when it was not heard for `unheard_s`.
    """

    connect_s: float = 20.0
    call_s: float = 5.0
    stale_s: float = 3.0
    give_up_s: float = 15.0
    disconnect_s: float = 10.0
    silent_s: float = 90.0
    scanner_s: float = 15.0
    unheard_s: float = 15.0
    records_s: float = record_access.TIME_OUT_S


DEFAULTS = Limits()


class Connection:
    """Serves `device` over `client` once. `gone` is set by whoever knows that the connection is over; `why_gone` says why.

    `mark` is the number of the last stored record that is known, None for a device whose records were never read.
    """

    def __init__(
        self, device: Device, driver: Driver, clock: Clock, limits: Limits, emit: Emit, states: States, *, mark: int | None = None
    ) -> None:
        if not isinstance(driver.link, Gatt):
            raise TypeError(f"the driver {driver.name} reads no GATT service")
        self.device, self._driver, self._link = device, driver, driver.link
        #: every driver of this connection with what it declares: the device's own first, then its companions
        self._served: list[tuple[Driver, Gatt]] = [(driver, driver.link)]
        self._clock, self._limits, self._emit, self._states = clock, limits, emit, states
        self._client: BleakClient | None = None
        self._attributes: Attributes | None = None
        self._heard: float | None = None
        self._stale = False
        self._mark = mark
        self._records: Records | None = None
        self._fetching: asyncio.Task[None] | None = None
        self._refused: Exception | None = None
        self.gone = asyncio.Event()
        self.why_gone = "the device ended the connection"

    @property
    def refused(self) -> bool:
        """Whether the connection ended because the device refused a question."""
        return self._refused is not None

    def end(self, reason: str) -> None:
        """Give the connection up."""
        if not self.gone.is_set():
            self.why_gone = reason
            self.gone.set()

    def lost(self) -> None:
        """The client says that its connection ended. While it connects, this is but one of its tries."""
        if self._client is not None:
            self.gone.set()

    async def serve(self, client: BleakClient, connecting: asyncio.Lock) -> None:
        """Connect (one at a time on a radio), tell what the device is, pass its frames on; return when it is gone.

        The order is that of a cuff which has seconds: who it is (where that is pinned), its clock, what decoding needs, the
        subscriptions, and only then its description.

        Raises:
            WrongDeviceError, UnfitDeviceError: not the instrument that is expected.
            One of FAILURES: the radio or the device.
        """
        async with connecting, asyncio.timeout(self._limits.connect_s):
            await client.connect()
        self._client = client
        if not client.is_connected:
            raise BleakError("disconnected at once")
        self._attributes = offered = Attributes(client, self.device.key, self.gone, self._limits.call_s)
        await asyncio.sleep(self._link.settle_ms / 1000)
        await check_identity(offered, self.device)
        await self._read_clock(offered)
        self._states.up(self.device)  # before the first frame, so that its reader knows whose it is
        await self._open(offered, self._link)
        keeping = asyncio.create_task(self._keep_alive(offered))
        try:
            await self._open_companions(client, offered)
            if (told := await described(offered, self.device)) is not None:
                self.device = told
                self._emit(told)
            await self._until_gone()
        finally:
            keeping.cancel()
            if self._fetching is not None:
                self._fetching.cancel()
        if self._refused is not None:
            raise self._refused

    async def close(self) -> None:
        """Say goodbye the way the driver declares, as far as the device still listens. Never raises."""
        if self._client is None or not self._client.is_connected:
            return
        try:
            for stop in () if self._records is None else self._records.goodbye():
                await self._client.write_gatt_char(full(RECORDS), stop)
            for _, link in self._served:
                for command in link.closing:
                    await self._client.write_gatt_char(full(link.write), command)
        except FAILURES as error:
            _log.info("%s takes no goodbye (%s)", self.device.key, type(error).__name__)

    async def _open(self, offered: Attributes, link: Gatt) -> None:
        """Read what decoding needs, subscribe, and only then unlock, ask for records and send what opens the profile."""
        await self._pass_on(offered, link.read)
        records = self._new_records(offered, link)
        await self._subscribe(offered, link, records)
        if link.unlock is not None:
            await self._unlock(offered, link.unlock)
        if records is None:
            await self._start(offered, link)
        else:
            self._records = records
            self._fetching = asyncio.create_task(self._fetch(offered, records, link), name=f"records of {self.device.key}")

    async def _start(self, offered: Attributes, link: Gatt) -> None:
        for command in link.opening:
            await offered.write(link.write, command)

    async def _unlock(self, offered: Attributes, unlock: Unlock) -> None:
        answer = await offered.ask(unlock.characteristic, unlock.command)
        if not answer.startswith(unlock.accepted):
            raise UnfitDeviceError("the device does not know this booth; pair it again")

    def _new_records(self, offered: Attributes, link: Gatt) -> Records | None:
        """The control point for the stored records of `link`; one serves all that share the connection. A live sensor may have none."""
        if link.records is None or self._records is not None:
            return None
        if not offered.writable(RECORDS):
            if link.opening:
                return None
            raise UnfitDeviceError("the device does not let its stored records be asked for")
        questions = record_access.Questions(link.records.width)
        return Records(lambda command: offered.write(RECORDS, command), questions, self._limits.records_s)

    async def _fetch(self, offered: Attributes, records: Records, link: Gatt) -> None:
        """Fetch what is new, then start live values. A device that refuses, or says nothing more and has none, is asked again when it is back."""
        self._emit(RecordTransfer(self.device.key, "", self._clock.now()))
        try:
            result = await records.fetch(self._mark)
            _log.info("%s: its records were fetched, %s", self.device.key, result.value)
            self._emit(RecordTransfer(self.device.key, result.value, self._clock.now()))
            await self._start(offered, link)
        except FAILURES as error:
            if not self.gone.is_set():
                self._refused = error
                self.end(advice(error).reason)
            return
        if result is record_access.Result.TIMED_OUT and not link.opening:
            self.end("the device did not answer in time")

    async def _open_companions(self, client: BleakClient, offered: Attributes) -> None:
        """Serve what else the device offers; a companion that cannot be opened leaves the device's own driver alone."""
        for driver in companions(type(self._driver), (service.uuid for service in client.services), load().values()):
            if not isinstance(driver.link, Gatt):
                continue
            self._served.append((driver(), driver.link))
            try:
                await self._open(offered, driver.link)
            except (*FAILURES, UnfitDeviceError) as error:
                if self.gone.is_set():
                    raise
                self._served.pop()
                _log.info("%s does not serve %s as well (%s)", self.device.key, driver.name, type(error).__name__)

    def _owner(self, source: str) -> tuple[Driver, Gatt]:
        """The driver that reads or writes `source`, the device's own where none says so."""

        def theirs(link: Gatt) -> bool:
            return source in (*link.sources, link.write) or (source == RECORDS and link.records is not None)

        return next((one for one in self._served if theirs(one[1])), self._served[0])

    async def _keep_alive(self, offered: Attributes) -> None:
        while self._link.keep_alive:
            await asyncio.sleep(self._link.keep_alive_s)
            try:
                await offered.write(self._link.write, self._link.keep_alive)
            except FAILURES as error:
                self.end(advice(error).reason)
                return

    async def write(self, source: str, data: bytes) -> None:
        """Send what the driver's allow-list holds, to `source` or to what the driver declares for writing; see `Link.write`."""
        driver, link = self._owner(source)
        if not driver.allows(data):
            raise NotAllowedError(f"the driver {driver.name} never sends this")
        if self._attributes is None or self.gone.is_set():
            raise NotConnectedError(f"{self.device.key} is not connected")
        try:
            await self._attributes.write(source if self._attributes.writable(source) else link.write or source, data)
            if source in clock.SOURCES:
                self._emit(ClockSet(self.device.key, self._clock.now()))
                await self._read_clock(self._attributes)
        except FAILURES as error:
            raise NotConnectedError(f"{self.device.key} did not take the command") from error

    async def _read_clock(self, offered: Attributes) -> None:
        told = await clock_reading(offered, self.device, self._clock)
        if told is None:
            return
        if told.settable and not any(isinstance(driver, clock.Clock) for driver, _ in self._served):
            self._served.append((clock.Clock(), clock.Clock.link))
        self._emit(told)

    async def _pass_on(self, offered: Attributes, sources: Iterable[str]) -> None:
        for source in sources:
            data = await offered.read(source)
            if data is not None:
                self._emit(Frame(short(source), data, self._clock.now(), self.device.key))

    async def _subscribe(self, offered: Attributes, link: Gatt, records: Records | None) -> None:
        """Listen to what answers, then to what brings frames: what is stored or indicated is no live stream."""
        if records is not None:
            await offered.listen(RECORDS, records.answered)
        control = offered.find(link.write) if link.write else None
        if control is not None and "indicate" in control.properties:
            await offered.listen(link.write, self._answered)
        stored = () if link.records is None else link.records.sources
        found = [await offered.listen(source, self._receiver(short(source), live=False, stored=False)) for source in link.indicate]
        for source in link.notify:
            take = self._receiver(short(source), live=source not in stored, stored=source in stored)
            found.append(await offered.listen(source, take))
        if not any(found):
            raise UnfitDeviceError("the device does not offer what its driver reads")

    def _answered(self, data: bytes) -> None:
        _log.info("%s answered %d bytes on its control point", self.device.key, len(data))

    def _receiver(self, source: str, *, live: bool, stored: bool) -> Callable[[bytes], None]:
        loop = asyncio.get_running_loop()

        def received(data: bytes) -> None:
            now = self._clock.now()
            if not stored:
                self._heard = loop.time() if live else None
            self._states.up(self.device, "live again" if self._stale else "connected")
            self._stale = False
            if stored and self._records is not None:
                self._records.came()
            self._emit(Frame(source, data, now, self.device.key))

        return received

    async def _until_gone(self) -> None:
        """Wait for the end; meanwhile a live stream that falls silent is told, then given up."""
        loop = asyncio.get_running_loop()
        while not self.gone.is_set():
            silence = 0.0 if self._heard is None else loop.time() - self._heard
            if silence >= self._limits.give_up_s:
                self.end("no signal")
            elif silence >= self._limits.stale_s:
                self._stale = True
                self._states.down(self.device, "no signal")
            left = (self._limits.give_up_s if silence >= self._limits.stale_s else self._limits.stale_s) - silence
            try:
                async with asyncio.timeout(max(left, 0.01)):
                    await self.gone.wait()
            except TimeoutError:
                continue

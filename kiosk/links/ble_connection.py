"""One connection to one BLE device, from connect to its end: subscribe, read, pass on what comes."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from bleak.exc import BleakError

from drivers.device import ClockReading
from drivers.driver import Gatt, load
from drivers.gatt import clock, device_information, record_access
from drivers.measurement import Frame
from kiosk.links.link import ClockSet, NotAllowedError, NotConnectedError, RecordTransfer
from kiosk.links.matching import companions, full, short
from kiosk.links.records import Records
from kiosk.links.retry import advice

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable

    from bleak import BleakClient
    from bleak.backends.characteristic import BleakGATTCharacteristic

    from drivers.device import Device
    from drivers.driver import Driver
    from kiosk.links.link import Clock, Emit, States

T = TypeVar("T")
_log = logging.getLogger(__name__)

RECORDS = "2A52"
_WRITABLE = frozenset({"write", "write-without-response"})
#: What bleak, dbus-fast and the system raise when a connection goes wrong; the last four are bleak's when BlueZ vanishes in mid-call.
FAILURES = (BleakError, OSError, TimeoutError, EOFError, AssertionError, AttributeError, KeyError)


class WrongDeviceError(Exception):
    """Another instrument answers at the address of a known one."""


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
        await asyncio.sleep(self._link.settle_ms / 1000)
        await self._check_identity(client)
        await self._read_clock(client)
        self._states.up(self.device)  # before the first frame, so that its reader knows whose it is
        await self._open(client, self._link)
        keeping = asyncio.create_task(self._keep_alive(client))
        try:
            await self._open_companions(client)
            await self._describe(client)
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

    async def _open(self, client: BleakClient, link: Gatt) -> None:
        """Read what decoding needs, subscribe, and only then send what opens the profile."""
        await self._pass_on(client, link.read)
        records = self._new_records(client) if link.write == RECORDS else None
        await self._subscribe(client, link, records)
        for command in link.opening:
            await self._send(client, link.write, command)
        if records is not None:
            self._records, self._fetching = records, asyncio.create_task(self._fetch(records), name=f"records of {self.device.key}")

    def _new_records(self, client: BleakClient) -> Records | None:
        """The control point for stored records; one serves all that share the connection."""
        if self._records is not None:
            return None
        return Records(lambda command: self._send(client, RECORDS, command), self._limits.records_s)

    async def _fetch(self, records: Records) -> None:
        """Fetch what is new; a meter that refuses or says nothing more is given up, and asked again at its next connection."""
        self._emit(RecordTransfer(self.device.key, "", self._clock.now()))
        try:
            result = await records.fetch(None if self._mark is None else record_access.HighWaterMark(self._mark))
        except FAILURES as error:
            if not self.gone.is_set():
                self._refused = error
                self.end(advice(error).reason)
            return
        _log.info("%s: its records were fetched, %s", self.device.key, result.value)
        self._emit(RecordTransfer(self.device.key, result.value, self._clock.now()))
        if result is record_access.Result.TIMED_OUT:
            self.end("the device did not answer in time")

    async def _open_companions(self, client: BleakClient) -> None:
        """Serve what else the device offers; a companion that cannot be opened leaves the device's own driver alone."""
        for driver in companions(type(self._driver), (service.uuid for service in client.services), load().values()):
            if not isinstance(driver.link, Gatt):
                continue
            self._served.append((driver(), driver.link))
            try:
                await self._open(client, driver.link)
            except (*FAILURES, UnfitDeviceError) as error:
                if self.gone.is_set():
                    raise
                self._served.pop()
                _log.info("%s does not serve %s as well (%s)", self.device.key, driver.name, type(error).__name__)

    def _owner(self, source: str) -> tuple[Driver, Gatt]:
        """The driver that reads or writes `source`, the device's own where none says so."""
        return next((one for one in self._served if source in (*one[1].sources, one[1].write)), self._served[0])

    async def _keep_alive(self, client: BleakClient) -> None:
        while self._link.keep_alive:
            await asyncio.sleep(self._link.keep_alive_s)
            try:
                await self._send(client, self._link.write, self._link.keep_alive)
            except FAILURES as error:
                self.end(advice(error).reason)
                return

    async def write(self, source: str, data: bytes) -> None:
        """Send what the driver's allow-list holds; see `Link.write`."""
        driver, _ = self._owner(source)
        if not driver.allows(data):
            raise NotAllowedError(f"the driver {driver.name} never sends this")
        if self._client is None or self.gone.is_set():
            raise NotConnectedError(f"{self.device.key} is not connected")
        try:
            await self._send(self._client, source, data)
            if source in clock.SOURCES:
                self._emit(ClockSet(self.device.key, self._clock.now()))
                await self._read_clock(self._client)
        except FAILURES as error:
            raise NotConnectedError(f"{self.device.key} did not take the command") from error

    async def _send(self, client: BleakClient, source: str, data: bytes) -> None:
        """Write to `source`, or to what the driver declares for writing where `source` only brings frames."""
        for target in (source, self._owner(source)[1].write):
            characteristic = self._find(client, target) if target else None
            if characteristic is not None and not _WRITABLE.isdisjoint(characteristic.properties):
                await self._call(client.write_gatt_char(characteristic, data, response="write" in characteristic.properties))
                return
        raise BleakError(f"characteristic {source} takes no command")

    async def _call(self, call: Coroutine[object, object, T]) -> T:
        """Await a GATT call, but neither past its time nor past the end of the connection: BlueZ lets some calls hang for ever."""
        calling, going = asyncio.ensure_future(call), asyncio.ensure_future(self.gone.wait())
        try:
            await asyncio.wait({calling, going}, timeout=self._limits.call_s, return_when=asyncio.FIRST_COMPLETED)
            if calling.done() and not calling.cancelled():  # some backends cancel what a disconnection cut short
                return calling.result()
            raise BleakError("disconnected in mid-call") if going.done() or calling.done() else TimeoutError("a GATT call took too long")
        finally:
            calling.cancel()
            going.cancel()

    @staticmethod
    def _find(client: BleakClient, source: str) -> BleakGATTCharacteristic | None:
        wanted = full(source)
        return next((found for found in client.services.characteristics.values() if found.uuid == wanted), None)

    async def _read(self, client: BleakClient, source: str) -> bytes | None:
        """The value of a characteristic, None where it is missing or the device refuses to tell it."""
        characteristic = self._find(client, source)
        if characteristic is None or "read" not in characteristic.properties:
            return None
        try:
            return bytes(await self._call(client.read_gatt_char(characteristic)))
        except FAILURES as error:
            if self.gone.is_set():
                raise
            _log.info("%s does not tell %s (%s)", self.device.key, source, type(error).__name__)
            return None

    async def _read_clock(self, client: BleakClient) -> None:
        for source in clock.SOURCES:
            data = await self._read(client, source)
            if data is not None:
                received = self._clock.now()
                self._emit(ClockReading(self.device.key, clock.told(source, data), received, self._settable(client, source)))
                return

    def _settable(self, client: BleakClient, source: str) -> str:
        characteristic = self._find(client, source)
        if characteristic is None or _WRITABLE.isdisjoint(characteristic.properties):
            return ""
        if not any(isinstance(driver, clock.Clock) for driver, _ in self._served):
            self._served.append((clock.Clock(), clock.Clock.link))
        return source

    async def _pass_on(self, client: BleakClient, sources: Iterable[str]) -> None:
        for source in sources:
            data = await self._read(client, source)
            if data is not None:
                self._emit(Frame(short(source), data, self._clock.now(), self.device.key))

    async def _subscribe(self, client: BleakClient, link: Gatt, records: Records | None) -> None:
        found = False
        control = self._find(client, link.write) if link.write else None
        if control is not None and "indicate" in control.properties:
            await self._call(client.start_notify(control, self._answered(records)))
        for sources, live in ((link.indicate, False), (link.notify, link.write != RECORDS)):
            for source in sources:
                characteristic = self._find(client, source)
                if characteristic is None:
                    continue
                found = True
                await self._call(client.start_notify(characteristic, self._receiver(short(source), live=live)))
        if not found:
            raise UnfitDeviceError("the device does not offer what its driver reads")

    def _answered(self, records: Records | None) -> Callable[[BleakGATTCharacteristic, bytearray], None]:
        def answered(_: BleakGATTCharacteristic, data: bytearray) -> None:
            _log.info("%s answered %d bytes on its control point", self.device.key, len(data))
            if records is not None:
                records.answered(bytes(data))

        return answered

    def _receiver(self, source: str, *, live: bool) -> Callable[[BleakGATTCharacteristic, bytearray], None]:
        loop = asyncio.get_running_loop()

        def received(_: BleakGATTCharacteristic, data: bytearray) -> None:
            now = self._clock.now()
            self._heard = loop.time() if live else None
            self._states.up(self.device, "live again" if self._stale else "connected")
            self._stale = False
            if self._records is not None:
                self._records.came()
            self._emit(Frame(source, bytes(data), now, self.device.key))

        return received

    async def _check_identity(self, client: BleakClient) -> None:
        """Refuse an instrument whose system id or serial number is not the pinned one: an address can be copied."""
        for source, known in ((device_information.SYSTEM_ID, self.device.system_id), (device_information.SERIAL, self.device.serial)):
            if not known:
                continue
            told = device_information.learn(
                replace(self.device, system_id="", serial=""), {source: await self._read(client, source) or b""}
            )
            if known not in (told.system_id, told.serial):
                raise WrongDeviceError("another instrument answers under this address; pair it anew if it was exchanged")

    async def _describe(self, client: BleakClient) -> None:
        said = {source: data for source in device_information.SOURCES if (data := await self._read(client, source)) is not None}
        told = device_information.learn(self.device, said)
        if said:
            self.device = told
            self._emit(told)

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

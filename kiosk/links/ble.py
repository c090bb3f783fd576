"""Every BLE device of the booth over one radio: one long-lived scanner, connections from its callback, known devices only."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from drivers.driver import Advertisement, load
from drivers.measurement import Frame
from kiosk.links.acquaintance import WrongDeviceError
from kiosk.links.attributes import FAILURES
from kiosk.links.ble_connection import DEFAULTS, Connection, Limits, UnfitDeviceError
from kiosk.links.link import NotAllowedError, NotConnectedError, States
from kiosk.links.matching import full
from kiosk.links.retry import advice
from kiosk.links.supervisor import supervise

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bleak import BleakClient, BleakScanner
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData

    from drivers.device import Device
    from kiosk.links.link import Clock, Emit
    from kiosk.links.radio import Found, Radio

_log = logging.getLogger(__name__)
TRIES = 4
_REFUSED_S = 60.0


def key_of(address: str) -> str:
    """The booth's key of the BLE device at `address`."""
    return f"ble:{address.upper()}"


class _Attempts:
    """What is known of one device between its connections."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.peer: BLEDevice | None = None
        self.serving: asyncio.Task[None] | None = None
        self.connection: Connection | None = None
        self.failures = 0
        self.not_before = 0.0
        self.unheard: asyncio.TimerHandle | None = None


class BleLink:
    """The link of all `known` devices: pinned by address, and by system id and serial number where those are known.

    A device that is not in `known` is never connected, whatever name it gives itself. `marks` is looked into at each connection: the number
    of the last stored record that is known, by device key.
    """

    def __init__(
        self, radio: Radio, clock: Clock, known: Iterable[Device], limits: Limits = DEFAULTS, marks: Mapping[str, int] | None = None
    ) -> None:
        self._radio, self._clock, self._limits = radio, clock, limits
        self._marks: Mapping[str, int] = {} if marks is None else marks
        self._drivers = load()
        self._known: dict[str, _Attempts] = {}
        for device in known:
            if device.driver not in self._drivers:
                raise ValueError(f"{device.key} is to be served by the driver {device.driver!r}, which does not exist")
            self._known[device.key] = _Attempts(device)
        self._names = {entry.device.name for entry in self._known.values() if entry.device.name}
        self._look_alikes: set[str] = set()
        self._connecting = asyncio.Lock()
        self._closing: set[asyncio.Task[None]] = set()
        self._heard_at = 0.0
        self._radio_changed = asyncio.Event()
        self._radio_lost = ""

    async def run(self, emit: Emit) -> None:
        """Scan and serve until cancelled; see `Link.run`."""
        self._emit, self._states = emit, States(emit, self._clock)
        watching = asyncio.create_task(supervise("the watch of the radio", lambda: self._radio.watch(self._lost, self._back)))
        try:
            with contextlib.suppress(*FAILURES):
                await self._radio.clean([entry.device.address for entry in self._known.values()])
            await self._scan()
        finally:
            watching.cancel()
            await asyncio.wait({watching}, timeout=self._limits.call_s)
            await self._close()

    async def write(self, device: str, source: str, data: bytes) -> None:
        """See `Link.write`."""
        entry = self._known.get(device)
        if entry is None:
            raise NotAllowedError(f"{device} is not a device of this booth")
        if entry.connection is None:
            raise NotConnectedError(f"{device} is not connected")
        await entry.connection.write(source, data)

    async def _scan(self) -> None:
        """One scanner after another, each as long as the radio lets it live."""
        failures = silences = 0
        while True:
            self._radio_changed.clear()
            scanner = self._radio.scanner(self._listener())
            try:
                async with asyncio.timeout(self._limits.scanner_s):
                    await scanner.start()
                failures, self._radio_lost = 0, ""
                silences = await self._watch_scanner(silences)
            except FAILURES as error:
                failures += 1
                what = advice(error)
                self._all_down(what.reason)
                await self._radio_may_change(what.wait(failures))
            finally:
                if not self._radio_lost:  # a call to a bluetoothd that is dead keeps bleak's lock for good; nothing is left to stop
                    await self._stop(scanner)

    def _listener(self) -> Found:
        """What the newest scanner calls; an older one that was not stopped is not listened to any more."""
        self._listening = me = object()

        def found(peer: BLEDevice, said: AdvertisementData) -> None:
            if self._listening is me:
                self._found(peer, said)

        return found

    async def _radio_may_change(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._radio_changed.wait()

    def _lost(self, reason: str) -> None:
        self._radio_lost = reason
        self._all_down(reason)
        self._radio_changed.set()

    def _back(self) -> None:
        self._radio_changed.set()

    async def _watch_scanner(self, silences: int) -> int:
        """Return when the radio changed, or when the scanner heard nothing for too long; how often in a row that was.

        The second time nothing is heard and nothing is connected, the adapter is switched off and on.
        """
        quiet = await self._until_quiet()
        if not quiet:
            return 0
        _log.warning("the scanner heard nothing for %.0f s and starts anew", self._limits.silent_s)
        if silences and not any(entry.connection for entry in self._known.values()):
            with contextlib.suppress(*FAILURES):
                await self._radio.reset()
        return silences + 1

    async def _until_quiet(self) -> bool:
        """True when nothing was heard for `silent_s`, False when the radio changed before."""
        loop, changed = asyncio.get_running_loop(), asyncio.create_task(self._radio_changed.wait())
        self._heard_at = loop.time()
        try:
            while (left := self._heard_at + self._limits.silent_s - loop.time()) > 0:
                done, _ = await asyncio.wait({changed}, timeout=left)
                if done:
                    return False
            return True
        finally:
            changed.cancel()

    def _found(self, peer: BLEDevice, said: AdvertisementData) -> None:
        now = asyncio.get_running_loop().time()
        self._heard_at = now
        entry = self._known.get(key_of(peer.address))
        if entry is None:
            self._look_alike(peer, said.local_name or "")
            return
        if isinstance(link := self._drivers[entry.device.driver].link, Advertisement):
            self._advertised(entry, link, said)
            return
        entry.peer = peer
        if entry.serving is None and now >= entry.not_before:
            entry.serving = asyncio.create_task(self._serve(entry), name=f"serve {entry.device.key}")

    def _look_alike(self, peer: BLEDevice, name: str) -> None:
        if name in self._names and peer.address not in self._look_alikes:
            self._look_alikes.add(peer.address)
            _log.warning("%s has the name of a known device but is not it: not connected", key_of(peer.address))

    def _advertised(self, entry: _Attempts, link: Advertisement, said: AdvertisementData) -> None:
        """Pass on what a device without connections says; it is up as long as it is heard."""
        device = entry.device
        for service in (link.service, *link.also):
            data = said.service_data.get(full(service))
            if data is not None:
                if entry.unheard is not None:
                    entry.unheard.cancel()
                entry.unheard = asyncio.get_running_loop().call_later(self._limits.unheard_s, self._states.down, device, "no signal")
                self._states.up(device, "heard")
                self._emit(Frame(link.protocol, bytes(data), self._clock.now(), device.key))

    async def _serve(self, entry: _Attempts) -> None:
        """Serve until the device is gone; after an error try again, each time with the latest advertisement, at most TRIES times."""
        try:
            for _ in range(TRIES):
                wait = await self._serve_once(entry)
                entry.not_before = asyncio.get_running_loop().time() + wait
                if not entry.failures:
                    return
                await asyncio.sleep(wait)
        finally:
            entry.serving = None

    async def _serve_once(self, entry: _Attempts) -> float:
        """One connection; returns how long to wait before the next."""
        assert entry.peer is not None  # noqa: S101 - set by the advertisement that started this
        driver = self._drivers[entry.device.driver]()
        mark = self._marks.get(entry.device.key)
        entry.connection = connection = Connection(entry.device, driver, self._clock, self._limits, self._emit, self._states, mark=mark)
        client = self._radio.client(entry.peer, connection.lost)
        wait = 0.0
        try:
            await connection.serve(client, self._connecting)
            reason, entry.failures = connection.why_gone, 0
        except (WrongDeviceError, UnfitDeviceError) as error:
            reason, entry.failures, wait = str(error), 0, _REFUSED_S
        except FAILURES as error:
            reached = connection.gone.is_set() and not connection.refused
            what = advice(error)
            entry.failures = 0 if reached else entry.failures + 1
            reason, wait = (connection.why_gone, 0.0) if reached else (what.reason, what.wait(entry.failures))
        except Exception as error:  # noqa: BLE001 - whatever it was, a device that is not served any more must not be told to be up
            _log.error("serving %s failed (%s)", entry.device.key, type(error).__name__)
            entry.failures += 1
            reason, wait = advice(error).reason, advice(error).wait(entry.failures)
        finally:
            entry.connection = None
            self._release(client, connection)
        entry.device = connection.device
        self._states.down(entry.device, reason)
        return wait

    def _release(self, client: BleakClient, connection: Connection) -> None:
        """Disconnect without anybody waiting for it: BlueZ takes seconds."""
        task = asyncio.create_task(self._disconnect(client, connection))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _disconnect(self, client: BleakClient, connection: Connection) -> None:
        with contextlib.suppress(*FAILURES):
            async with asyncio.timeout(self._limits.disconnect_s):
                await connection.close()
                await client.disconnect()

    async def _stop(self, scanner: BleakScanner) -> None:
        with contextlib.suppress(*FAILURES):
            async with asyncio.timeout(self._limits.call_s):
                await scanner.stop()

    def _all_down(self, reason: str) -> None:
        for entry in self._known.values():
            if entry.connection is not None:
                entry.connection.end(reason)
            self._states.down(entry.device, reason)

    async def _close(self) -> None:
        for entry in self._known.values():
            if entry.connection is not None:  # asyncio.wait_for of Python 3.11, which libraries use, may swallow a cancellation
                entry.connection.end("the booth closes its links")
            if entry.unheard is not None:
                entry.unheard.cancel()
        serving = [entry.serving for entry in self._known.values() if entry.serving is not None]
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
        await asyncio.gather(*self._closing, return_exceptions=True)

"""The GATT attributes of one connected device: found, read, written and listened to, each call with an end."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, TypeVar

from bleak.exc import BleakError

from kiosk.links.matching import full

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from bleak import BleakClient
    from bleak.backends.characteristic import BleakGATTCharacteristic

T = TypeVar("T")
_log = logging.getLogger(__name__)
_WRITABLE = frozenset({"write", "write-without-response"})
#: What bleak, dbus-fast and the system raise when a connection goes wrong; the last four are bleak's when BlueZ vanishes in mid-call.
FAILURES = (BleakError, OSError, TimeoutError, EOFError, AssertionError, AttributeError, KeyError)


class Attributes:
    """What `client` offers. `gone` ends every call, `call_s` is how long one may take. Sources are UUIDs in any form."""

    def __init__(self, client: BleakClient, key: str, gone: asyncio.Event, call_s: float) -> None:
        self._client, self._key, self._gone, self._call_s = client, key, gone, call_s

    def find(self, source: str) -> BleakGATTCharacteristic | None:
        """The characteristic, None where the device has none."""
        wanted = full(source)
        return next((found for found in self._client.services.characteristics.values() if found.uuid == wanted), None)

    def writable(self, source: str) -> bool:
        """Whether the device takes something there."""
        characteristic = self.find(source)
        return characteristic is not None and not _WRITABLE.isdisjoint(characteristic.properties)

    async def read(self, source: str) -> bytes | None:
        """The value of a characteristic, None where it is missing or the device refuses to tell it."""
        characteristic = self.find(source)
        if characteristic is None or "read" not in characteristic.properties:
            return None
        try:
            return bytes(await self._call(self._client.read_gatt_char(characteristic)))
        except FAILURES as error:
            if self._gone.is_set():
                raise
            _log.info("%s does not tell %s (%s)", self._key, source, type(error).__name__)
            return None

    async def write(self, source: str, data: bytes) -> None:
        """Write, and wait for the device's word where it gives one. Raises one of FAILURES."""
        characteristic = self.find(source)
        if characteristic is None or _WRITABLE.isdisjoint(characteristic.properties):
            raise BleakError(f"characteristic {source} takes no command")
        await self._call(self._client.write_gatt_char(characteristic, data, response="write" in characteristic.properties))

    async def listen(self, source: str, heard: Callable[[bytes], None]) -> bool:
        """Subscribe; False where the device has no such characteristic. Raises one of FAILURES."""
        characteristic = self.find(source)
        if characteristic is None:
            return False
        await self._call(self._client.start_notify(characteristic, lambda _, data: heard(bytes(data))))
        return True

    async def ask(self, source: str, command: bytes) -> bytes:
        """Write `command` and return what the device answers on the same characteristic. Raises one of FAILURES."""
        characteristic, answered = self.find(source), asyncio.get_running_loop().create_future()
        if characteristic is None:
            raise BleakError(f"characteristic {source} takes no command")
        await self.listen(source, lambda data: None if answered.done() else answered.set_result(data))
        try:
            await self.write(source, command)
            return await self._call(_result(answered))
        finally:
            if not self._gone.is_set():
                await self._call(self._client.stop_notify(characteristic))

    async def _call(self, call: Coroutine[object, object, T]) -> T:
        """Await a GATT call, but neither past its time nor past the end of the connection: BlueZ lets some calls hang for ever."""
        calling, going = asyncio.ensure_future(call), asyncio.ensure_future(self._gone.wait())
        try:
            await asyncio.wait({calling, going}, timeout=self._call_s, return_when=asyncio.FIRST_COMPLETED)
            if calling.done() and not calling.cancelled():  # some backends cancel what a disconnection cut short
                return calling.result()
            raise BleakError("disconnected in mid-call") if going.done() or calling.done() else TimeoutError("a GATT call took too long")
        finally:
            calling.cancel()
            going.cancel()


async def _result(answered: asyncio.Future[bytes]) -> bytes:
    return await answered

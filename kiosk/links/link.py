"""What every link is: bytes in, nothing decoded. BLE, serial, replay and simulated devices keep this one contract."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Protocol

from drivers.device import ClockReading, Device
from drivers.measurement import Frame, Instant

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LinkState:
    """The link to `device` came up or went down at `at`; `reason` says why in plain words. Told once down, once back, never repeated."""

    device: Device
    up: bool
    reason: str
    at: Instant


@dataclass(frozen=True, slots=True)
class RecordTransfer:
    """The stored records of the device of key `device` are being fetched (`result` is ""), or it ended so: a `record_access.Result`.

    After "success" or "no-records-found" every record that is new since the last such end has been emitted. A transfer that a lost
    connection cut short has no end; the next one begins where the last whole one ended.
    """

    device: str
    result: str
    at: Instant


@dataclass(frozen=True, slots=True)
class ClockSet:
    """The clock of the device of key `device` was set to the booth's time at `at`; a `ClockReading` of the new time follows where it can be read."""

    device: str
    at: Instant


#: A `Device` event is what was learnt about an instrument: its own words from Device Information, its system id, its battery.
Event = Frame | LinkState | ClockReading | ClockSet | RecordTransfer | Device
#: Called in the event loop; must not block.
Emit = Callable[[Event], None]


class Clock(Protocol):
    """The booth's two clocks in one call."""

    def now(self) -> Instant:
        """Steady seconds, and wall time in the booth's own zone (zone-aware)."""


class SystemClock:
    """The clocks of this machine; wall time is in `zone`, without one in the machine's."""

    def __init__(self, zone: tzinfo | None = None) -> None:
        self._zone = zone

    def now(self) -> Instant:
        """Steady seconds since some start, and the wall time."""
        return Instant(time.monotonic(), datetime.now(UTC).astimezone(self._zone))


class NotAllowedError(ValueError):
    """A write that the driver's allow-list does not hold: nothing was sent."""


class NotConnectedError(ConnectionError):
    """A write to a device that is not there."""


class Link(Protocol):
    """One line or one radio, with one or several devices on it."""

    async def run(self, emit: Emit) -> None:
        """Serve the devices until cancelled. A device that is off, gone or refusing is told as a LinkState, never raised."""

    async def write(self, device: str, source: str, data: bytes) -> None:
        """Send `data` to the device of key `device`, on the characteristic or protocol `source`.

        Raises:
            NotAllowedError: the driver's `commands()` do not hold `data`.
            NotConnectedError: the device is not connected, or went away while writing.
        """


class States:
    """Emits each device's LinkState when it changes, and logs it, once down and once back."""

    def __init__(self, emit: Emit, clock: Clock) -> None:
        self._emit, self._clock = emit, clock
        self._last: dict[str, bool] = {}

    def up(self, device: Device, reason: str = "connected") -> None:
        """The device is served."""
        self._change(device, up=True, reason=reason)

    def down(self, device: Device, reason: str) -> None:
        """The device is not served, for `reason`."""
        self._change(device, up=False, reason=reason)

    def is_up(self, key: str) -> bool:
        """Whether the last state told is up."""
        return self._last.get(key, False)

    def _change(self, device: Device, *, up: bool, reason: str) -> None:
        if self._last.get(device.key) is up:
            return
        self._last[device.key] = up
        _log.log(logging.INFO if up else logging.WARNING, "%s is %s: %s", device.key, "up" if up else "down", reason)
        self._emit(LinkState(device, up, reason, self._clock.now()))

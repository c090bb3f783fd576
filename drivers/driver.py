"""What a driver declares and how it registers: by being defined.

A driver is one class in one file under gatt/, vendors/ or wire/. It declares `name`, `models`, `link` and `measures`, and decodes in
`receive`. An instance lives for one connection and sees the frames of one device in order.
"""

from __future__ import annotations

import importlib
import pkgutil
from abc import ABC, abstractmethod
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, ClassVar

from drivers.measurement import Reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from drivers.device import Device
    from drivers.measurement import Frame, Measurement, Refused, Waveform


class DecodeError(ValueError):
    """A frame that is not what its source promises: the only exception that `receive` raises."""


@dataclass(frozen=True, slots=True)
class StoredRecords:
    """A memory that is read over the Record Access Control Point 0x2A52 (`drivers.gatt.record_access`): `sources` bring its records.

    `width` bytes carry a record's number there: 2 in the glucose services, 4 in Generic Health Sensor.
    """

    sources: tuple[str, ...]
    width: int = 2


@dataclass(frozen=True, slots=True)
class Unlock:
    """What opens a device to whom it knows: `command`, written to `characteristic`, which answers with what begins with `accepted`.

    `enrol` makes the booth known, once, in the technician's pairing window: commands and what their answers begin with.
    """

    characteristic: str
    command: bytes
    accepted: bytes
    enrol: tuple[tuple[bytes, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Gatt:
    """Which GATT service and characteristics (short upper-case UUIDs) a driver reads, and by what procedure they come.

    An empty `service` is that of a driver for what any device may have beside its measurement: no device is matched to it.
    A proprietary service has 128-bit UUIDs in lower case and a `protocol`, the name that a technician types for it. `names` are the starts
    of the local names of the models. The link lets `settle_ms` pass between discovery and subscription.

    `write` is the characteristic that takes what the link sends by itself; where it indicates as well (a control point), the link subscribes
    to it first. `unlock` and then `opening` are sent once the subscriptions stand, `keep_alive` every `keep_alive_s` seconds, `closing` before
    the booth hangs up. `records` are fetched before the opening: a sensor that sends live values answers that it is busy.

    `also` are services that other models have in place of `service`. `beside` names the drivers on whose connections this one is served
    too, where the device has its service as well.
    """

    service: str
    indicate: tuple[str, ...] = ()
    notify: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    settle_ms: int = 0
    protocol: str = ""
    write: str = ""
    opening: tuple[bytes, ...] = ()
    keep_alive: bytes = b""
    keep_alive_s: float = 0.0
    closing: tuple[bytes, ...] = ()
    records: StoredRecords | None = None
    unlock: Unlock | None = None
    also: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        """The protocol's name where there is one, and every characteristic that may bring a frame."""
        return (*((self.protocol,) if self.protocol else ()), *self.indicate, *self.notify, *self.read)


@dataclass(frozen=True, slots=True)
class Serial:
    """Serial settings of a protocol. `opening` is sent once the line is open, `keep_alive` every `keep_alive_s` seconds."""

    protocol: str
    baud: int
    parity: str = "N"
    data_bits: int = 8
    stop_bits: int = 1
    opening: tuple[bytes, ...] = ()
    keep_alive: bytes = b""
    keep_alive_s: float = 0.0

    @property
    def sources(self) -> tuple[str, ...]:
        """The protocol's name, the source of its frames."""
        return (self.protocol,)


@dataclass(frozen=True, slots=True)
class Advertisement:
    """A device that sends its values in BLE advertisements: `service` is the UUID of the service data, `also` those of its other models."""

    service: str
    protocol: str
    names: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        """The protocol's name, the source of its frames."""
        return (self.protocol,)


class Driver(ABC):
    """One device or one standard profile. Subclassing with a `name` registers it; a second driver of the same name is refused."""

    registry: ClassVar[dict[str, type[Driver]]] = {}

    name: ClassVar[str] = ""
    models: ClassVar[tuple[str, ...]] = ()
    link: ClassVar[Gatt | Serial | Advertisement]
    measures: ClassVar[tuple[str, ...]] = ()
    stream: ClassVar[bool] = False
    #: the step of the times that the device gives, in seconds: 60 where they have none
    clock_step_s: ClassVar[int] = 1
    #: a driver that a model needs in place of its profile's: chosen by name, never by the profile alone
    quirk: ClassVar[bool] = False
    #: how the decoding was shown: "capture" (bytes of a device), "specification" or "simulator"
    proven_by: ClassVar[str] = "specification"

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if not cls.name:
            return
        known = Driver.registry.get(cls.name)
        if known is not None and known.__qualname__ != cls.__qualname__:
            raise TypeError(f"two drivers are named {cls.name}: {known.__module__} and {cls.__module__}")
        Driver.registry[cls.name] = cls

    @abstractmethod
    def receive(self, frame: Frame) -> Iterable[Reading | Refused]:
        """Decode one frame. A stream driver keeps what is incomplete and yields Refused for what it leaves out.

        Raises:
            DecodeError: the frame is refused; nothing of it is taken.
        """

    @classmethod
    def for_model(cls, model: str) -> str:
        """The name of the driver that a device of this one needs, by its model number; itself by default."""
        return cls.name

    def about(self, device: Device) -> None:  # noqa: B027 - most decode the same whatever is known
        """Take what is known of the instrument, before its first frame. Nothing by default."""

    def finish(self) -> Iterator[Reading | Refused]:
        """Say what an ended stream leaves: a last line or print that is complete by its own form, else Refused. Nothing by default.

        A link may also call it when a line has been quiet, and go on: the driver then starts afresh at the next byte.
        """
        return iter(())

    def commands(self) -> tuple[bytes, ...]:
        """Everything that the booth may ever send to this device: the allow-list. Nothing by default."""
        return ()

    def replies(self) -> tuple[bytes, ...]:
        """What the booth must answer to what `receive` took since the last call, oldest first. Nothing by default.

        A link calls it after every `receive`, one that refused its frame too, and writes what it gets. Every reply is allowed by `allows`.
        """
        return ()

    def allows(self, command: bytes) -> bool:
        """Whether the booth may send `command`: one of `commands`, or one of their kind where a driver's protocol has a parameter in them."""
        return command in self.commands()

    def reading(
        self,
        frame: Frame,
        measurements: tuple[Measurement, ...] = (),
        *,
        waveforms: tuple[Waveform, ...] = (),
        settled: bool = True,
        device_time: datetime | None = None,
        user: int | None = None,
        sequence: int | None = None,
        flags: tuple[str, ...] = (),
        patient: str = "",
    ) -> Reading:
        """Make the Reading of `frame` with this driver's name and the hash of the frame's bytes, its evidence; the rest is as in Reading."""
        return Reading(
            self.name,
            frame.source,
            frame.received,
            sha256(frame.data).hexdigest(),
            frame.device,
            measurements,
            waveforms,
            settled,
            device_time,
            user,
            sequence,
            flags,
            patient,
        )


def load() -> dict[str, type[Driver]]:
    """Import every driver there is and return the registry, by name."""
    for room in ("gatt", "vendors", "wire"):
        package = importlib.import_module(f"drivers.{room}")
        for module in pkgutil.iter_modules(package.__path__, f"drivers.{room}."):
            importlib.import_module(module.name)
    return dict(sorted(Driver.registry.items()))


def for_source(source: str) -> type[Driver] | None:
    """The driver that decodes `source` (a characteristic or a serial protocol, any case), quirks left out; None when there is none."""
    wanted = source.casefold()
    for driver in load().values():
        if not driver.quirk and any(wanted == known.casefold() for known in driver.link.sources):
            return driver
    return None

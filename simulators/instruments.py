"""What a virtual BLE instrument is, whatever air it lives on: its services, its own clock, and how a script drives it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from drivers.device import Device
from drivers.gatt.clock import told
from drivers.vendors import polar_ecg, viatom
from kiosk.links.ble import key_of
from simulators import health_sensor, omron

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiosk.links.link import Clock

CURRENT_TIME, ELAPSED_TIME = "2A2B", "2BF2"
_CLOCK_SERVICE = {CURRENT_TIME: "1805", ELAPSED_TIME: "183F"}
_MAKER = "telecabine, simulated"
#: seconds an instrument stays reachable after its result, as cuffs do
LINGER_S = 0.5
Pause = Callable[[float], Awaitable[None]]
Script = Callable[["Instrument", "Presence", Pause], Awaitable[None]]

#: what a visitor of the demo reads
_SHOWN: Mapping[str, str] = {
    "cuff": "Tensiomètre",
    "oximeter": "Oxymètre",
    "thermometer": "Thermomètre",
    "meter": "Lecteur de glycémie",
    "scale": "Balance",
    "chest-strap": "Ceinture cardiaque",
    "bathroom-scale": "Pèse-personne",
    "ring": "Bague",
    "health-sensor": "Capteur de santé",
    "finger-oximeter": "Oxymètre de doigt",
    "cuff-bm85": "Tensiomètre",
}


@dataclass(frozen=True, slots=True)
class Model:
    """The kind of instrument: its driver, service, what it sends ("notify" or "indicate" by short UUID) and what may be read and written."""

    name: str
    local_name: str
    address: str
    driver: str
    service: str
    sends: Mapping[str, str]
    reads: Mapping[str, bytes]
    #: the characteristic of its clock, which is read and written; "" where it has none
    clock: str = ""
    writes: tuple[str, ...] = ()
    #: the service whose data its advertisements carry: such an instrument takes no connection
    advertises: str = ""
    #: further services, which are not advertised, and what of the above is theirs
    also: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: its model number, where its driver goes by it
    number: str = ""
    #: it stays silent unless it is left in peace for so long between discovery and subscription
    rest_s: float = 0.0


MODELS = (
    Model(
        "cuff",
        "SIM-BP",
        "F0:00:00:00:00:01",
        "blood-pressure",
        "1810",
        {"2A35": "indicate", "2A36": "notify"},
        {"2A49": b"\x07\x00"},
        clock=CURRENT_TIME,
    ),
    Model(
        "oximeter", "SIM-PLX", "F0:00:00:00:00:02", "pulse-oximeter", "1822", {"2A5E": "indicate", "2A5F": "notify"}, {"2A60": b"\x00\x00"}
    ),
    Model("thermometer", "SIM-HT", "F0:00:00:00:00:03", "thermometer", "1809", {"2A1C": "indicate", "2A1E": "notify"}, {"2A1D": b"\x03"}),
    Model("ring", "O2Ring 0004", "F0:00:00:00:00:04", "viatom", viatom.SERVICE, {viatom.NOTIFY: "notify"}, {}, writes=(viatom.WRITE,)),
    Model(
        "meter",
        "SIM-GLU",
        "F0:00:00:00:00:05",
        "glucose",
        "1808",
        {"2A18": "notify", "2A52": "indicate"},
        {"2A51": b"\x00\x00"},
        clock=CURRENT_TIME,
        writes=("2A52",),
    ),
    Model(
        "scale",
        "SIM-WSS",
        "F0:00:00:00:00:06",
        "weight-scale",
        "181D",
        {"2A9D": "indicate", "2A9C": "indicate"},
        {"2A9E": bytes(4), "2A9B": bytes(4)},
        also={"181B": ("2A9C", "2A9B")},
    ),
    Model(
        "chest-strap",
        "SIM-HRM",
        "F0:00:00:00:00:08",
        "heart-rate",
        "180D",
        {"2A37": "notify", polar_ecg.CONTROL: "indicate", polar_ecg.DATA: "notify"},
        {"2A38": b"\x01"},
        writes=(polar_ecg.CONTROL,),
        also={polar_ecg.PolarEcg.link.service: (polar_ecg.CONTROL, polar_ecg.DATA)},
    ),
    Model(
        "health-sensor",
        "SIM-GHS",
        "F0:00:00:00:00:09",
        "health-sensor",
        "1840",
        {
            health_sensor.LIVE: "notify",
            health_sensor.STORED: "notify",
            health_sensor.CONTROL: "indicate",
            health_sensor.RECORDS: "indicate",
        },
        {health_sensor.FEATURES: b"\x00\x00"},
        clock=ELAPSED_TIME,
        writes=(health_sensor.CONTROL, health_sensor.RECORDS),
    ),
    Model(
        "omron-cuff",
        "BLESmart_0000011FF0000000000A",
        "F0:00:00:00:00:0A",
        "omron-eeprom",
        "FE4A",
        {omron.CHANNELS[0]: "notify", omron.LOCK: "notify"},
        {},
        writes=(omron.COMMANDS, omron.LOCK),
        number="HEM-7142T2-Z",
    ),
    Model(
        "omron-cuff-with-key",
        "BLESmart_00000116F0000000000B",
        "F0:00:00:00:00:0B",
        "omron-eeprom-packed",
        "ecbe3980-c9a2-11e1-b1bd-0002a5d5c51b",
        {**dict.fromkeys(omron.CHANNELS, "notify"), omron.LOCK: "notify"},
        {},
        writes=(omron.COMMANDS, omron.LOCK),
        number="HEM-7600T-E",
    ),
    Model("finger-oximeter", "SleepO2", "F0:00:00:00:00:0C", "emay", "FF12", {"FF02": "notify"}, {}, writes=("FF01",)),
    Model("cuff-bm85", "BM85", "F0:00:00:00:00:0D", "beurer-bm85", "1810", {"2A35": "indicate"}, {"2A49": bytes(2)}, rest_s=0.1),
    Model("bathroom-scale", "MIBCS", "F0:00:00:00:00:07", "miscale", "181B", {}, {}, advertises="181B"),
)


class Instrument:
    """One virtual instrument. Its clock runs from `set_time` on, by the booth's steady clock."""

    def __init__(self, model: Model, clock: Clock) -> None:
        self.model, self._clock = model, clock
        self._time, self._since = self._right(), clock.now().monotonic
        #: what the booth wrote to it and where, oldest first, but for the time
        self.written: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()
        #: set when the booth has told it the time, and when it has read that back
        self.told_time, self.time_read_back = asyncio.Event(), asyncio.Event()

    def set_time(self, time: datetime) -> None:
        """Make it `time` on the instrument's clock now."""
        self.told_time.clear()
        self.time_read_back.clear()
        self._time, self._since = time, self._clock.now().monotonic

    def set_right_time(self) -> None:
        """Make the instrument's clock the booth's."""
        self.set_time(self._right())

    def _right(self) -> datetime:
        """The time as its clock should tell it: local, or UTC where it counts elapsed time."""
        wall = self._clock.now().wall
        return (wall.astimezone(UTC) if self.model.clock == ELAPSED_TIME else wall).replace(tzinfo=None)

    async def stay_for_its_time(self, longest_s: float = LINGER_S) -> None:
        """Wait until the booth has told it the time and read it back, as an instrument that is asked something stays; not for ever."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(longest_s):
                await self.time_read_back.wait()

    def take(self, source: str, data: bytes) -> None:
        """What the booth writes: a time sets the clock, all else waits in `written`."""
        if source == self.model.clock:
            time = health_sensor.set_time(data) if source == ELAPSED_TIME else told(source, data)
            if time is not None:
                self.set_time(time)
                self.told_time.set()
            return
        self.written.put_nowait((source, data))

    def time(self) -> datetime:
        """What the instrument's clock says."""
        return self._time + timedelta(seconds=self._clock.now().monotonic - self._since)

    @property
    def known(self) -> Device:
        """The instrument as the technician pinned it."""
        model = self.model
        return Device(key_of(model.address), model.driver, name=model.local_name, model=model.number, address=model.address)

    @property
    def services(self) -> dict[str, tuple[str, ...]]:
        """Every service and its characteristics, by short UUID."""
        others = {source for sources in self.model.also.values() for source in sources}
        own = tuple(dict.fromkeys(one for one in (*self.model.sends, *self.model.reads, *self.model.writes) if one not in others))
        found = {self.model.service: own, **self.model.also, "180A": ("2A29", "2A24", "2A25", "2A26", "2A23"), "180F": ("2A19",)}
        return {**found, _CLOCK_SERVICE[self.model.clock]: (self.model.clock,)} if self.model.clock else found

    def read(self, source: str) -> bytes:
        """The present value of a characteristic that can be read."""
        if source == self.model.clock:
            if self.told_time.is_set():
                self.time_read_back.set()
            return current_time(self.time()) if source == CURRENT_TIME else health_sensor.elapsed_time(self.time())
        tail = self.model.address.replace(":", "")
        texts = {
            "2A29": _MAKER,
            "2A24": self.model.number or f"{_SHOWN.get(self.model.name, self.model.name)} (simulé)",
            "2A25": f"SIM-{tail[-4:]}",
            "2A26": "1.0",
        }
        if source in texts:
            return texts[source].encode()
        fixed = {"2A23": bytes.fromhex(tail[:6] + "FFFE" + tail[6:])[::-1], "2A19": b"\x57"}
        return fixed.get(source) or self.model.reads[source]


def current_time(time: datetime) -> bytes:
    """Current Time (2A2B): date and time, day of week, 256ths of a second, adjust reason (none)."""
    date = time.year.to_bytes(2, "little") + bytes((time.month, time.day, time.hour, time.minute, time.second))
    return date + bytes((time.isoweekday(), time.microsecond * 256 // 1_000_000, 0))


class Presence(Protocol):
    """An instrument on an air: what a script can make it do."""

    async def appear(self) -> None:
        """Switch the instrument on: it advertises and can be connected."""

    async def subscribed(self, source: str) -> float:
        """Wait until somebody listens to `source`; how many seconds after the discovery of its services that was."""

    async def push(self, source: str, data: bytes) -> None:
        """Send `data` on `source`; an indication waits for its confirmation, data of advertisements until they were on the air."""

    async def vanish(self) -> None:
        """Switch the instrument off: a connection ends, advertising stops."""

"""Who made a device, and which one it is.

Protocol: Device Information Service 1.2 (0x180A): System ID 0x2A23 (an EUI-64: the manufacturer's 40 bits first, the OUI last, both with the
lowest octet first), model 0x2A24, serial 0x2A25, firmware 0x2A26, hardware 0x2A27, software 0x2A28 and manufacturer 0x2A29 as UTF-8, IEEE
11073-20601 certification list 0x2A2A, PnP ID 0x2A50; GATT Specification Supplement 3.212 and 3.169. `information` gives the fields of
`drivers.device.Device`; the driver shows the same to a technician as flags of the form `field=text`. `learn` adds to them what a link reads
beside: the label of UDI for Medical Devices (0x2BFF, GATT Specification Supplement) and the Battery Level (0x2A19, Battery Service 1.1).
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from drivers.driver import DecodeError, Driver, Gatt
from drivers.ieee11073 import Fields
from drivers.measurement import Measurement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from drivers.device import Device
    from drivers.measurement import Frame, Reading

TEXTS = {"2A24": "model", "2A25": "serial", "2A26": "firmware", "2A27": "hardware", "2A28": "software", "2A29": "manufacturer"}
BATTERY, SYSTEM_ID, SERIAL, UDI = "2A19", "2A23", "2A25", "2BFF"
#: what `learn` reads, in the order of its use
SOURCES = (SYSTEM_ID, *TEXTS, UDI, BATTERY)
#: the longest value of an attribute (Bluetooth Core Specification, volume 3, part F, 3.2.9)
LONGEST = 512
_VENDOR_SOURCES = {1: "bluetooth-sig", 2: "usb-implementers-forum"}


def text(data: bytes, what: str) -> str:
    """A UTF-8 string up to its first zero octet, without the blanks that devices pad it with.

    Raises:
        DecodeError: it is no UTF-8, or longer than an attribute can be, or holds control characters.
    """
    if len(data) > LONGEST:
        raise DecodeError(f"{what} of {len(data)} bytes, longer than an attribute can be")
    try:
        found = data.split(b"\0")[0].decode("utf-8").strip()
    except UnicodeDecodeError:
        raise DecodeError(f"{what} is no UTF-8") from None
    if not found.isprintable():
        raise DecodeError(f"{what} holds control characters")
    return found


def system_id(data: bytes) -> str:
    """The EUI-64 of a System ID as 16 hex digits, OUI first.

    Raises:
        DecodeError: it is not 8 bytes long.
    """
    if len(data) != 8:
        raise DecodeError(f"a system id of {len(data)} bytes in place of 8")
    return data[::-1].hex().upper()


def information(source: str, data: bytes) -> dict[str, str]:
    """What one characteristic says, by the name of the field of `Device`; empty where it has none.

    Raises:
        DecodeError: the value is not what the characteristic promises.
    """
    if source == "2A23":
        return {"system_id": system_id(data)}
    return {TEXTS[source]: text(data, TEXTS[source])} if source in TEXTS else {}


def learn(device: Device, said: Mapping[str, bytes]) -> Device:
    """`device` with what the characteristics of `said` (by short UUID) add to it; what cannot be read is left as it was."""
    learnt: dict[str, object] = {}
    for source, data in said.items():
        with contextlib.suppress(DecodeError):
            found = {"udi": text(data[1:], "UDI")} if source == UDI and data[:1] and data[0] & 1 else information(source, data)
            learnt |= {name: value for name, value in found.items() if value}
    if len(level := said.get(BATTERY, b"")) == 1 and level[0] <= 100:
        learnt["battery"] = level[0]
    return replace(device, **learnt)  # type: ignore[arg-type] # names and types are those of the tables above


class DeviceInformation(Driver):
    """What any device says about itself."""

    name = "device-information"
    models = ("any device with the Device Information Service",)
    link = Gatt(service="", read=("2A23", *TEXTS, "2A2A", "2A50"))
    measures = ("vendor-id", "product-id", "product-version")
    proven_by: ClassVar[str] = "specification"

    def receive(self, frame: Frame) -> Iterator[Reading]:
        """Decode one characteristic of the service."""
        if frame.source == "2A50":
            yield self._pnp(frame)
            return
        if frame.source == "2A2A":
            if len(frame.data) > LONGEST:
                raise DecodeError(f"a certification list of {len(frame.data)} bytes, longer than an attribute can be")
            yield self.reading(frame, settled=False, flags=(f"certification-list={frame.data.hex()}",))
            return
        found = information(frame.source, frame.data)
        yield self.reading(frame, settled=False, flags=tuple(f"{name.replace('_', '-')}={value}" for name, value in found.items()))

    def _pnp(self, frame: Frame) -> Reading:
        fields = Fields(frame.data)
        source = fields.u8("vendor id source")
        numbers = [Measurement(name, Decimal(fields.u16(name)), "1") for name in ("vendor-id", "product-id", "product-version")]
        fields.end("PnP ID")
        if source not in _VENDOR_SOURCES:
            raise DecodeError(f"vendor id source {source}: 1 or 2")
        return self.reading(frame, tuple(numbers), settled=False, flags=(f"vendor-id-source-{_VENDOR_SOURCES[source]}",))

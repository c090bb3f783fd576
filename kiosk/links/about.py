"""What a BLE device says of itself: Device Information (180A), Battery Level (2A19), its clock (2A2B, 2A08).

Protocol: Device Information Service 1.2, Battery Service 1.1, Current Time Service 1.1.1, UDI for Medical Devices (2BFF, GATT Specification Supplement).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from drivers.driver import DecodeError
from drivers.ieee11073 import Fields

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from drivers.device import Device

CLOCKS = ("2A2B", "2A08")
BATTERY, SYSTEM_ID, SERIAL, UDI = "2A19", "2A23", "2A25", "2BFF"
_TEXTS = {"2A29": "manufacturer", "2A24": "model", "2A25": "serial", "2A26": "firmware", "2A27": "hardware", "2A28": "software"}
SOURCES = (SYSTEM_ID, *_TEXTS, UDI, BATTERY)


def _text(data: bytes) -> str:
    text = data.split(b"\0")[0].decode("utf-8", "replace")
    return "".join(character for character in text if character.isprintable()).strip()


def _udi(data: bytes) -> str:
    """The label, which comes first when bit 0 of the flags is set."""
    return _text(data[1:]) if data[:1] and data[0] & 1 else ""


def learn(device: Device, said: Mapping[str, bytes]) -> Device:
    """`device` with what the characteristics of `said` (by short UUID) add to it; what cannot be read is left as it was."""
    learnt: dict[str, object] = {field: text for source, field in _TEXTS.items() if (text := _text(said.get(source, b"")))}
    if len(system_id := said.get(SYSTEM_ID, b"")) == 8:
        learnt["system_id"] = system_id[::-1].hex().upper()
    if udi := _udi(said.get(UDI, b"")):
        learnt["udi"] = udi
    if len(level := said.get(BATTERY, b"")) == 1 and level[0] <= 100:
        learnt["battery"] = level[0]
    return replace(device, **learnt)  # type: ignore[arg-type] # names and types are those of the table above


def clock(source: str, data: bytes) -> datetime | None:
    """The device's local time from Current Time (2A2B, with its 256ths of a second) or Date Time (2A08); None when it has none."""
    fields = Fields(data)
    try:
        time = fields.date_time("current time")
        if time is None or source != "2A2B":
            return time
        fields.u8("day of week")
        return time + timedelta(seconds=fields.u8("256ths of a second") / 256)
    except DecodeError:
        return None

"""What the local name of an Omron device says: whether it pairs or transfers, its model and its address.

`BLEsmart_` (pairing) or `BLESmart_` (transfer), 8 hex digits of the model and 12 of the address; as in the public SpeziDevices tests.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAME = re.compile(r"BLE([sS])mart_([0-9A-F]{8})([0-9A-F]{12})", re.ASCII)


@dataclass(frozen=True, slots=True)
class OmronName:
    """`pairing` while the technician holds the Bluetooth button; `model` 8 and `address` 12 hex digits, capitals."""

    pairing: bool
    model: str
    address: str


def omron_name(local_name: str) -> OmronName | None:
    """Read a local name; None when it is not one of Omron's."""
    found = _NAME.fullmatch(local_name.rstrip("\0"))
    return OmronName(found[1] == "s", found[2], found[3]) if found else None

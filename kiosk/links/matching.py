"""Which driver serves an advertising device: by the services and the names that the drivers declare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.driver import Advertisement, Driver, Gatt

if TYPE_CHECKING:
    from collections.abc import Iterable

_BASE = "-0000-1000-8000-00805f9b34fb"


def short(uuid: str) -> str:
    """A UUID as drivers write it: "2A35" for one of the Bluetooth SIG, else 128 bits in lower case."""
    if len(uuid) == 4:
        return uuid.upper()
    uuid = uuid.lower()
    return uuid[4:8].upper() if uuid.startswith("0000") and uuid.endswith(_BASE) else uuid


def full(uuid: str) -> str:
    """The same in 128 bits, lower case."""
    return f"0000{uuid.lower()}{_BASE}" if len(uuid) == 4 else uuid.lower()


def _fits(link: Gatt, name: str, services: set[str]) -> bool:
    offered = any(full(service) in services for service in (link.service, *link.also))
    return bool(link.service) and (offered or (bool(link.names) and name.startswith(link.names)))


def _fits_advertisement(link: Advertisement, name: str, data: Iterable[str]) -> bool:
    known = {full(service) for service in (link.service, *link.also)}
    return not known.isdisjoint(data) and (not link.names or name.startswith(link.names))


def driver_for(name: str, services: Iterable[str], drivers: Iterable[type[Driver]], data: Iterable[str] = ()) -> type[Driver] | None:
    """The driver of a device that advertises `name`, `services` and service `data` (UUIDs in any form), None when nobody serves it.

    A driver that names its models comes before its profile; a quirk is chosen by name alone.
    """
    advertised = {full(service) for service in services}
    profile: type[Driver] | None = None
    for driver in drivers:
        link = driver.link
        if isinstance(link, Advertisement) and _fits_advertisement(link, name, {full(service) for service in data}):
            return driver
        if not isinstance(link, Gatt) or not _fits(link, name, advertised):
            continue
        if link.names and name.startswith(link.names):
            return driver
        if not driver.quirk and not link.names and profile is None:
            profile = driver
    return profile


def companions(first: type[Driver], services: Iterable[str], drivers: Iterable[type[Driver]]) -> list[type[Driver]]:
    """The drivers that share the connection of `first` with a device that offers `services` (UUIDs in any form).

    They are the standard profiles that only bring values, and the drivers that declare to stand `beside` it. A driver that reads a source of
    one before it is left out, so that no value comes twice; a vendor's protocol is alone, since it says all that its device measures.
    """
    offered, taken, found = {full(service) for service in services}, set(first.link.sources), list[type[Driver]]()
    if not isinstance(first.link, Gatt) or first.link.protocol:
        return found
    for driver in drivers:
        link = driver.link
        if not isinstance(link, Gatt) or not link.service or full(link.service) not in offered or not taken.isdisjoint(link.sources):
            continue
        plain = not (driver.quirk or link.names or link.protocol or link.write or link.records)
        if plain or first.name in link.beside:
            found.append(driver)
            taken.update(link.sources)
    return found

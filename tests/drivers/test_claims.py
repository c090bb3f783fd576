"""Which driver claims a device, by what it advertises: names and services as the public projects and the specifications give them. Needs F004-05."""

import pytest

from drivers.driver import Gatt, load
from kiosk.links.matching import driver_for

CLAIMS = [
    ("A&D_UA-651BLE_12AB34", ("1810", "180A", "180F"), "blood-pressure"),
    ("BM59", ("1810",), "beurer-bm85"),
    ("BM85", ("1810",), "beurer-bm85"),
    ("ELITE900", (), "beurer-bm85"),
    ("BM54", ("1810", "1805"), "blood-pressure"),
    ("Nonin3230_502644570", ("1822",), "pulse-oximeter"),
    ("IR20b", ("1809",), "thermometer"),
    ("TICKR 1234", ("180D", "180F"), "heart-rate"),
    ("A&D_UC-352BLE_12AB34", ("181D", "180A"), "weight-scale"),
    ("meter+12345678", ("1808", "180A"), "glucose"),
    ("Contour7830H6214402", ("1808",), "glucose"),
    ("sensor", ("181F",), "continuous-glucose"),
    ("GHS sensor", ("1840", "183F", "180F"), "health-sensor"),
    ("Polar H10 12345678", ("180D", "FEEE"), "heart-rate"),
    ("SleepO2", ("FF12",), "emay"),
    ("O2Ring 1234", ("14839ac4-7d7e-415c-9a42-167340cf2339",), "viatom"),
    ("BP2 1234", ("14839ac4-7d7e-415c-9a42-167340cf2339",), "viatom-bp2"),
    ("HEM-7142T2", ("ecbe3980-c9a2-11e1-b1bd-0002a5d5c51b",), "omron-eeprom"),
    ("YK-BPW5", (), "yonker"),
    ("headphones", ("180F", "180A", "1805"), None),
    ("bulb", ("FFF0",), None),
]


@pytest.mark.parametrize(("name", "services", "expected"), CLAIMS)
def test_a_device_is_served_by_its_driver_and_by_no_other(name: str, services: tuple[str, ...], expected: str | None) -> None:
    found = driver_for(name, services, load().values())
    assert (found.name if found else None) == expected


def test_no_two_quirks_share_a_name() -> None:
    names: dict[str, str] = {}
    for driver in load().values():
        for start in driver.link.names if isinstance(driver.link, Gatt) else ():
            assert names.setdefault(start, driver.name) == driver.name

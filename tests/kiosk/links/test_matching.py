import pytest

from drivers.device import Device
from drivers.driver import Gatt, load
from drivers.gatt.device_information import learn
from kiosk.links.matching import companions, driver_for, full, short
from kiosk.links.retry import advice


@pytest.mark.parametrize(
    ("name", "services", "data", "driver"),
    [
        ("A&D_UA-651BLE", ["1810"], [], "blood-pressure"),
        ("BM85", ["1810"], [], "beurer-bm85"),
        ("O2Ring 1234", [], [], "viatom"),
        ("anything", ["00001809-0000-1000-8000-00805f9b34fb"], [], "thermometer"),
        ("MIBFS", [], ["181B"], "miscale"),
        ("headphones", ["180F"], [], None),
        ("", [], [], None),
    ],
)
def test_a_device_finds_its_driver(name, services, data, driver):
    found = driver_for(name, services, load().values(), data)
    assert (found.name if found else None) == driver


def test_a_quirk_is_never_chosen_by_its_service_alone():
    quirks = [driver for driver in load().values() if driver.quirk and isinstance(driver.link, Gatt)]
    assert quirks
    for quirk in quirks:
        found = driver_for("no such name", [quirk.link.service], load().values())
        assert found is None or not found.quirk


def test_uuids_have_one_short_form():
    assert short(full("2A35")) == short("2a35") == "2A35"
    assert short("FB005C80-02E7-F387-1CAD-8ACD2D8DF0C8") == "fb005c80-02e7-f387-1cad-8acd2d8df0c8"


def test_no_error_waits_for_ever_nor_hammers():
    for text in ("le-connection-abort-by-local", "org.bluez.Error.InProgress", "org.bluez.Error.NotReady", "AuthenticationFailed", "?"):
        waits = [advice(OSError(text)).wait(failures) for failures in range(1, 40)]
        assert waits == sorted(waits)
        assert waits[0] >= 0.05
        assert waits[-1] <= 60


@pytest.mark.parametrize(
    ("first", "services", "expected"),
    [
        ("weight-scale", ("181D", "181B", "180A"), ["body-composition"]),
        ("body-composition", ("181D", "181B"), ["weight-scale"]),
        ("heart-rate", ("180D", "fb005c80-02e7-f387-1cad-8acd2d8df0c8"), ["polar-ecg"]),
        ("beurer-bm85", ("1810", "181D"), ["weight-scale"]),
        ("blood-pressure", ("1810", "ecbe3980-c9a2-11e1-b1bd-0002a5d5c51b"), []),
        ("omron-eeprom", ("1810", "ecbe3980-c9a2-11e1-b1bd-0002a5d5c51b"), []),
    ],
)
def test_who_shares_a_connection(first: str, services: tuple[str, ...], expected: list[str]) -> None:
    """Nothing that a device measures is lost, and nothing of it comes twice: a quirk keeps the profile it corrects away."""
    drivers = load()
    assert [driver.name for driver in companions(drivers[first], services, drivers.values())] == expected


def test_what_a_device_says_badly_leaves_what_was_known():
    """A serial number that is no text must not wipe the pinned one, and bytes after the end of a text are not part of it."""
    known = Device("ble:x", "weight-scale", serial="KNOWN", model="old")
    said = {"2A25": b"\xff\xfe", "2A24": b"UC-352\0\xff\x07", "2A23": b"short", "2BFF": b"\x01(01)123\0", "2A19": b"\x65"}
    assert learn(known, said) == Device("ble:x", "weight-scale", serial="KNOWN", model="UC-352", udi="(01)123")

"""What the booth may send to a device, and that nothing which inflates, erases, resets or switches off is among it. Needs F004-06, F004-10."""

import random
from datetime import datetime

import pytest

from drivers.checksums import crc8, sum8, xor8
from drivers.driver import Driver, Gatt, load
from drivers.gatt.clock import Clock, current_time, date_time
from drivers.vendors.emay import Emay
from drivers.vendors.microlife import Microlife, set_time
from drivers.vendors.omron_eeprom import OmronEeprom
from drivers.vendors.omron_memory import MEMORIES, memory_of, read_command, unlock_command
from drivers.vendors.polar_ecg import PolarEcg
from drivers.vendors.viatom import Viatom, ViatomCuff, cuff_command, ring_command

WHEN = datetime(2026, 3, 29, 2, 30, 15, 500_000)  # noqa: DTZ001
bluetooth = pytest.mark.parametrize(
    "driver", [pytest.param(driver, id=name) for name, driver in load().items() if isinstance(driver.link, Gatt)]
)


def viatom_frame(mark: int, op_code: int, payload: bytes) -> bytes:
    middle = bytes((0, 0))
    frame = bytes((mark, op_code, op_code ^ 0xFF)) + middle + len(payload).to_bytes(2, "little") + payload
    return frame + bytes((crc8(frame),))


@bluetooth
def test_what_the_link_sends_by_itself_is_on_the_allow_list(driver: type[Driver]) -> None:
    link = driver.link
    assert isinstance(link, Gatt)
    automatic = {*link.opening, *link.closing, *((link.keep_alive,) if link.keep_alive else ())}
    assert automatic <= set(driver().commands())
    assert all(driver().allows(command) for command in driver().commands())
    assert bool(link.write or link.records) == bool(driver().commands())


@bluetooth
def test_random_bytes_are_not_allowed(driver: type[Driver]) -> None:
    chance, instance = random.Random(7), driver()
    taken = [data for data in (chance.randbytes(chance.randrange(8, 32)) for _ in range(2000)) if instance.allows(data)]
    assert taken == [] or driver is Clock
    assert not instance.allows(b"")


DANGEROUS = (0x04, 0x09, 0x0A, 0x13, 0x24, 0x25, 0x39, 0xE2, 0xE3)


@pytest.mark.parametrize("op_code", DANGEROUS)
@pytest.mark.parametrize("size", [0, 1, 4, 7, 20])
def test_the_cuff_is_never_inflated_reset_or_switched_off(op_code: int, size: int) -> None:
    assert not ViatomCuff().allows(viatom_frame(0xA5, op_code, bytes(size)))
    with pytest.raises(ValueError, match="reads"):
        cuff_command(op_code, bytes(size))


def test_of_all_256_commands_of_the_cuff_only_those_that_read_or_set_its_clock_pass() -> None:
    passed = {op for op in range(256) for size in (0, 4, 7, 20) if ViatomCuff().allows(viatom_frame(0xA5, op, bytes(size)))}
    assert passed == {0x00, 0x06, 0x08, 0x30, 0xE1, 0xEC}


def test_of_all_256_commands_of_the_ring_only_those_that_read_pass() -> None:
    passed = {op for op in range(256) for size in (0, 1, 4) if Viatom().allows(viatom_frame(0xAA, op, bytes(size)))}
    assert passed == {0x14, 0x15, 0x17, 0x1B}
    assert ring_command(0x17).hex() == "aa17e8000000001b"
    for op_code in (0x16, 0x18):
        with pytest.raises(ValueError, match="reads"):
            ring_command(op_code)


def test_omron_memory_is_read_and_never_written() -> None:
    driver = OmronEeprom()
    assert driver.allows(bytes.fromhex("08010002c02000eb"))  # V175
    assert read_command(0x02E8, 14).hex() == "08010002e80e00ed"  # V180
    for kind in range(0x10000):
        head = bytes((8,)) + kind.to_bytes(2, "big") + bytes.fromhex("02c02000")
        command = head + bytes((xor8(head),))
        assert driver.allows(command) == (kind == 0x0100), command.hex()
    assert driver.allows(unlock_command(bytes(range(16))))
    for pairing in (b"\x02" + bytes(16), b"\x00" + bytes(16), b"\x01" + bytes(15)):
        assert not driver.allows(pairing)
    written = bytes.fromhex("0a01c002c0020102")
    assert not driver.allows(written + bytes((0, xor8(written))))
    for address, size in ((0x4000, 1), (-1, 1), (0, 0), (0, 33)):
        with pytest.raises(ValueError, match="no read"):
            read_command(address, size)


def test_a_known_omron_memory_is_read_record_by_record() -> None:
    memory = memory_of("HEM-7142T2-Z")
    assert memory is not None
    reads = list(memory.reads())
    assert (1, bytes.fromhex("08010002e80e00ed")) == reads[0]  # V180
    assert reads[13][1][3:5].hex() == "039e"  # V179 is the reply to it
    assert memory_of("HEM-9999") is None
    for known in MEMORIES:
        driver = load()[known.driver]()
        assert all(driver.allows(command) for _user, command in known.reads())


def test_microlife_is_asked_for_its_measurements_and_given_the_time_only() -> None:
    driver = Microlife()
    assert driver.allows(set_time(WHEN))
    for op_code in range(256):
        for size in (0, 6, 7):
            frame = bytes.fromhex("4dff") + (size + 2).to_bytes(2, "big") + bytes((op_code,)) + bytes(size)
            command = frame + bytes((sum8(frame),))
            assert driver.allows(command) == (command in driver.commands() or (op_code == 0x0D and size == 6))


@pytest.mark.parametrize("name", ["glucose", "continuous-glucose", "health-sensor", "record-access"])
def test_no_record_is_ever_deleted(name: str) -> None:
    driver = load()[name]()
    passed = {bytes((op, operator)) for op in range(256) for operator in range(256) if driver.allows(bytes((op, operator)))}
    assert {command.hex() for command in passed} == {"0101", "0106", "0300", "0401", "0406", "0701", "0706", "1000"}
    assert not any(
        driver.allows(bytes((2, operator, kind)) + bytes(width)) for operator in range(8) for kind in range(5) for width in (2, 4)
    )


def test_the_fixed_lists() -> None:
    assert [command.hex() for command in Emay().commands()] == ["9b011c", "9a1a", "9b7f1a"]
    assert [command.hex() for command in PolarEcg().commands()] == ["02000001820001010e00", "0300"]


def test_a_clock_is_set_to_a_whole_time_and_given_nothing_else() -> None:
    assert date_time(WHEN).hex() == "ea07031d021e0f"
    assert current_time(WHEN).hex() == "ea07031d021e0f078003"
    assert Clock().allows(date_time(WHEN))
    assert Clock().allows(current_time(WHEN))
    for wrong in ("", "00", "0000031d021e0f", "ea070d1d021e0f", "ea07031d021e0f008003", "ea07031d021e0f07800300"):
        assert not Clock().allows(bytes.fromhex(wrong)), wrong

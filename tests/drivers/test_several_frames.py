"""Drivers that put several frames together: segments, packets, pieces, and features that were read before. Needs F004-05, F004-10."""

import pytest

from drivers.driver import DecodeError, Driver
from drivers.gatt.blood_pressure import BloodPressure
from drivers.gatt.body_composition import BodyComposition
from drivers.gatt.continuous_glucose import ContinuousGlucose
from drivers.gatt.health_sensor import HealthSensor
from drivers.measurement import Frame, Reading, Refused
from drivers.vendors.omron_eeprom import OmronEeprom
from drivers.vendors.omron_memory import RECEIVE
from drivers.vendors.viatom import NOTIFY, Viatom
from tests.drivers.frames import RECEIVED, says

#: V297, a blood pressure of stm32-hotspot/STM32WBA-BLE-GenericHealthSensor
COMPOUND = bytes.fromhex("0735001300044a020022729d2b290000060040e2010003054a020001200f64000000064a020001200f3c000000074a020001200f50000000")
#: V178, a capture of userx14/omblepy
OMRON = bytes.fromhex("16810002e80e53444f19ed263a1700001400770000b7")


def take(driver: Driver, source: str, data: bytes) -> list[Reading | Refused]:
    return list(driver.receive(Frame(source, data, RECEIVED)))


def only(driver: Driver, source: str, data: bytes) -> Reading:
    (reading,) = take(driver, source, data)
    assert isinstance(reading, Reading)
    return reading


def segments(data: bytes, size: int, first_counter: int = 62) -> list[bytes]:
    """The segments of the service: header octet (first, last, counter of 6 bits), then a piece."""
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    last = len(pieces) - 1
    return [
        bytes(((number == 0) | (number == last) << 1 | (first_counter + number) % 64 << 2,)) + piece for number, piece in enumerate(pieces)
    ]


@pytest.mark.parametrize("size", [1, 7, 19, 55, 56])
def test_an_observation_in_segments_says_the_same_as_the_whole(size: int) -> None:
    sensor = HealthSensor()
    *earlier, last = segments(COMPOUND, size)
    for segment in earlier:
        assert only(sensor, "2B8B", segment).measurements == ()
    whole = only(sensor, "2B8B", last)
    assert says(whole) == says(only(HealthSensor(), "2B8B", COMPOUND))
    assert whole.settled


def test_a_stored_observation_in_segments_carries_its_record_number() -> None:
    sensor = HealthSensor()
    *earlier, last = segments((70_000).to_bytes(4, "little") + COMPOUND, 20)
    for segment in earlier:
        take(sensor, "2BDD", segment)
    assert only(sensor, "2BDD", last).sequence == 70_000


def test_a_lost_segment_costs_its_observation_and_not_the_next() -> None:
    sensor, pieces = HealthSensor(), segments(COMPOUND, 19)
    take(sensor, "2B8B", pieces[0])
    with pytest.raises(DecodeError, match="one is missing"):
        take(sensor, "2B8B", pieces[2])
    for segment in pieces[:-1]:
        take(sensor, "2B8B", segment)
    assert len(only(sensor, "2B8B", pieces[-1]).measurements) == 3


def test_live_and_stored_segments_do_not_mix() -> None:
    sensor, live = HealthSensor(), segments(COMPOUND, 30)
    take(sensor, "2B8B", live[0])
    with pytest.raises(DecodeError, match="without the first"):
        take(sensor, "2BDD", live[1])
    assert len(only(sensor, "2B8B", live[1]).measurements) == 3


def test_endless_segments_do_not_fill_the_memory() -> None:
    sensor = HealthSensor()
    take(sensor, "2B8B", b"\x01" + bytes(243))
    for counter in range(1, 269):
        take(sensor, "2B8B", bytes((counter % 64 << 2,)) + bytes(243))
    with pytest.raises(DecodeError, match="longer than an observation"):
        take(sensor, "2B8B", bytes((269 % 64 << 2,)) + bytes(243))


def test_a_status_bit_counts_only_where_the_cuffs_features_have_it() -> None:
    """Movement, cuff fit and irregular pulse are detected, the pulse rate range is not: a set bit of it is no finding."""
    result = "16 7c 00 56 00 61 00 e8 07 06 0f 11 11 1b 33 00"  # the pressures of V145, with a status word behind them
    unknown = BloodPressure()
    assert only(unknown, "2A35", bytes.fromhex(result + "0c 00")).flags == ("irregular-pulse", "pulse-rate-above-range")
    cuff = BloodPressure()
    only(cuff, "2A49", bytes.fromhex("0700"))
    assert only(cuff, "2A35", bytes.fromhex(result + "04 00")).flags == ("irregular-pulse",)
    assert only(cuff, "2A35", bytes.fromhex(result + "0c 00")).flags == ("irregular-pulse", "status-without-its-feature")
    assert only(cuff, "2A35", bytes.fromhex(result + "20 00")).flags == ("status-without-its-feature",)


def test_two_packets_of_a_scale_are_one_settled_result() -> None:
    scale = BodyComposition()
    first = only(scale, "2A9C", bytes.fromhex("1610 9600 e80706140a1e00 05 9101"))
    second = only(scale, "2A9C", bytes.fromhex("0014 9600 b036"))
    assert not first.settled
    assert second.settled
    assert says(second) == [
        "body-fat 15.0 %",
        "muscle-percentage 40.1 %",
        "weight 70.000 kg",
        "time 2024-06-20T10:30:00",
        "user 5",
        "flag multiple-packet",
    ]


def test_packets_of_two_measurements_are_not_joined() -> None:
    scale = BodyComposition()
    only(scale, "2A9C", bytes.fromhex("0014 9600 b036"))
    assert not only(scale, "2A9C", bytes.fromhex("0014 9600 b136")).settled
    assert not only(scale, "2A9C", bytes.fromhex("1010 7800 9101")).settled


def test_pieces_of_an_omron_frame_come_in_any_order_after_the_first() -> None:
    cuff = OmronEeprom()
    assert only(cuff, RECEIVE[0], OMRON[:16]).measurements == ()
    whole = only(cuff, RECEIVE[1], OMRON[16:])
    assert says(whole)[:3] == ["systolic 108 mm[Hg]", "diastolic 68 mm[Hg]", "pulse-rate 79 /min"]
    with pytest.raises(DecodeError, match="without the first"):
        take(cuff, RECEIVE[1], OMRON[16:])


def test_a_bare_record_from_the_air_is_no_record() -> None:
    assert only(OmronEeprom(), RECEIVE[0], OMRON[6:20]).measurements == ()
    ring = Viatom()
    found = take(ring, NOTIFY, bytes(11) + b"\x01")
    assert all(isinstance(item, Refused) for item in found)


def test_a_sensor_that_promised_a_crc_must_send_it() -> None:
    sensor = ContinuousGlucose()
    take(sensor, "2AA7", bytes.fromhex("060078001e00"))
    take(sensor, "2AA8", bytes.fromhex("6e9e01168ac1"))
    with pytest.raises(DecodeError, match="E2E-CRC"):
        take(sensor, "2AA7", bytes.fromhex("060078001e00"))


def test_a_continuous_value_has_a_time_once_the_session_start_is_known() -> None:
    sensor = ContinuousGlucose()
    assert only(sensor, "2AA7", bytes.fromhex("060078001e00")).device_time is None
    take(sensor, "2AAA", bytes.fromhex("e40705150a1e2d0400"))
    reading = only(sensor, "2AA7", bytes.fromhex("060078001e00"))
    assert reading.device_time is not None
    assert reading.device_time.isoformat() == "2020-05-21T11:00:45"
    assert not reading.settled

"""Pairing: with the technician's window open for the expected device, and never else. Over both radios."""

import io
import os

import pytest

from drivers.device import Device
from kiosk import known_devices
from kiosk.commands.capture import capture
from kiosk.commands.devices import UsageError, forget_device, pair_device, scan, typed_passkey
from kiosk.commands.devices import test as try_device
from kiosk.links.bluez import BlueZRadio
from kiosk.links.replay import parse
from kiosk.links.scan import PairingError, pair
from simulators.shipped_frames import frames

CUFF, THERMOMETER, OXIMETER, METER, WEIGHER, OMRON = (f"F0:00:00:00:00:0{n}" for n in "13257B")


class OpenForTheCuff:
    """A radio whose window is open for the cuff, whoever asks."""

    def __init__(self, radio):
        self.scanner, self.client, self._radio = radio.scanner, radio.client, radio

    def pairing(self, address, passkey=None):
        assert address != CUFF
        return self._radio.pairing(CUFF, passkey)


async def test_a_device_is_paired_in_its_window_and_known_by_its_own_words(booth_hardware, tmp_path):
    await booth_hardware.play("oximeter", "normal")
    output = io.StringIO()
    await pair_device(booth_hardware.radio, OXIMETER, "", tmp_path, 20, output)
    (known,) = known_devices.load(tmp_path)
    assert (known.key, known.driver, known.serial) == (f"ble:{OXIMETER}", "pulse-oximeter", "SIM-0002")
    assert known.system_id == "F00000FFFE000002"
    assert "paired" in output.getvalue()
    await forget_device(booth_hardware.radio, OXIMETER, tmp_path, output)
    assert known_devices.load(tmp_path) == ()


async def test_an_omron_cuff_is_known_by_its_model_and_takes_the_booths_key_in_its_pairing_mode(booth_hardware, tmp_path):
    """Its service fits a newer kind; its model number names the driver, and the exchange after the pairing needs the key."""
    await booth_hardware.play("omron-cuff-with-key", "pairing")
    await pair_device(booth_hardware.radio, OMRON, "", tmp_path, 20, io.StringIO())
    (known,) = known_devices.load(tmp_path)
    assert (known.driver, known.model) == ("omron-eeprom-packed", "HEM-7600T-E")
    output = io.StringIO()
    await booth_hardware.play("omron-cuff-with-key", "normal")
    assert await try_device(booth_hardware.radio, OMRON, "", tmp_path, 6, output) == 0
    assert "systolic 145 mm[Hg], diastolic 91 mm[Hg], pulse-rate 72 /min" in output.getvalue()


async def test_an_omron_cuff_that_is_not_in_its_pairing_mode_says_what_to_do(booth_hardware):
    await booth_hardware.play("omron-cuff-with-key", "strange")
    with pytest.raises(PairingError, match="switch it on in its pairing mode"):
        await pair(booth_hardware.radio, OMRON, "", 20)


async def test_nobody_pairs_outside_the_window(booth_hardware):
    await booth_hardware.play("oximeter", "normal")
    with pytest.raises(PairingError, match="the device refused the pairing"):
        await pair(OpenForTheCuff(booth_hardware.radio), OXIMETER, "", 20)


@pytest.mark.parametrize(("typed", "paired"), [(493817, True), (493818, False), (None, False)])
async def test_a_meter_is_paired_by_the_number_that_it_shows_and_by_no_other(booth_hardware, typed, paired):
    async def passkey() -> int:
        return typed

    await booth_hardware.show("meter", 493817)
    await booth_hardware.play("meter", "normal")
    pairing = pair(booth_hardware.radio, METER, "", 20, None if typed is None else passkey)
    if paired:
        assert (await pairing).serial == "SIM-0005"
        return
    with pytest.raises(PairingError, match="the device refused the pairing"):
        await pairing


async def test_a_scale_that_only_advertises_is_taken_without_a_connection(booth_hardware):
    await booth_hardware.play("bathroom-scale", "normal")
    device = await pair(booth_hardware.radio, WEIGHER, "miscale", 20)
    assert (device.key, device.driver, device.name) == (f"ble:{WEIGHER}", "miscale", "MIBCS")


async def test_a_number_is_typed_at_the_terminal_until_it_is_one():
    reading, writing = os.pipe()
    output = io.StringIO()
    os.write(writing, b"the one on the back\n493 817\n")
    with os.fdopen(reading) as terminal:
        assert await typed_passkey(output, terminal) == 493817
    os.close(writing)
    assert output.getvalue().count("number") == 2


async def test_a_device_that_is_off_is_said_to_be(booth_hardware):
    with pytest.raises(PairingError, match="was not heard"):
        await pair(booth_hardware.radio, THERMOMETER, "", 0.3)


async def test_scan_names_what_it_hears_and_the_driver_that_fits(booth_hardware, tmp_path):
    (tmp_path / "usb-Silicon_Labs-if00").touch()
    await booth_hardware.play("oximeter", "normal")
    output = io.StringIO()
    await scan(booth_hardware.radio, 1.0, output, tmp_path)
    lines = output.getvalue().splitlines()
    assert f"serial  {tmp_path / 'usb-Silicon_Labs-if00'}" in lines
    assert any(OXIMETER in line and "pulse-oximeter" in line and "SIM-PLX" in line for line in lines)


async def test_a_device_is_tried_out_and_captured(booth_hardware, tmp_path):
    known_devices.remember(tmp_path, Device(f"ble:{OXIMETER}", "pulse-oximeter", name="SIM-PLX", address=OXIMETER))
    await booth_hardware.play("oximeter", "normal")
    shown, captured, states = io.StringIO(), io.StringIO(), io.StringIO()
    assert await try_device(booth_hardware.radio, OXIMETER, "", tmp_path, 3.0, shown) == 0
    assert "spo2 95 %, pulse-rate 90 /min" in shown.getvalue()
    assert await capture(booth_hardware.radio, OXIMETER, "", tmp_path, 3.0, captured, states) == 0
    assert captured.getvalue().startswith("# source: ")
    live = [frame.data for frame in parse(captured.getvalue()) if frame.source == "2A5F"]
    assert set(live) <= {frames()[one] for one in ("V086", "V088", "V089")}
    assert live
    assert "up: connected" in states.getvalue()


async def test_an_unknown_device_is_refused_before_the_radio_is_touched(tmp_path):
    with pytest.raises(UsageError, match="is not a device of this booth"):
        await try_device(BlueZRadio(), "AA:BB:CC:DD:EE:FF", "", tmp_path, 1.0, io.StringIO())

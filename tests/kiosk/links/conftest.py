import pytest

from tests.kiosk.links import hardware


@pytest.fixture(params=["simulated", "bluez"])
async def booth_hardware(request, tmp_path, monkeypatch):
    if request.param == "simulated":
        async with hardware.simulated(tmp_path) as here:
            yield here
        return
    async with hardware.bus_daemon(tmp_path) as address:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        async with hardware.bluez() as here:
            yield here

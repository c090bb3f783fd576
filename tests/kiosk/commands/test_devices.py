"""The technician's commands say in one line what is wrong, and never a traceback."""

import asyncio
import io

import pytest

from kiosk import cli, known_devices
from kiosk.commands.capture import capture
from kiosk.links.bluez import BlueZRadio
from kiosk.links.replay import parse
from simulators.serial_devices import FINGER_OUT, PseudoTerminal


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["devices", "scan", "--seconds", "1"], 1, "the system bus does not run"),
        (["devices", "pair", "F0:00:00:00:00:01", "--seconds", "1"], 1, "the system bus does not run"),
        (["devices", "pair", "F0:00:00:00:00:01", "--driver", "nothing"], 2, "unknown driver 'nothing'"),
        (["devices", "test", "F0:00:00:00:00:01"], 2, "is not a device of this booth"),
        (["devices", "forget", "F0:00:00:00:00:01"], 2, "is not a device of this booth"),
        (["devices", "test", "/dev/null", "--driver", "thermometer"], 2, "needs --driver with the name of a driver of a serial line"),
        (["capture", "/dev/null"], 2, "needs --driver"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(words, status, said, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path / 'no-bus'}")
    assert cli.main([*words, "--state", str(tmp_path)]) == status
    errors = capsys.readouterr().err
    assert said in errors
    assert errors.count("\n") == 1


def test_a_file_of_known_devices_that_is_broken_is_named(tmp_path, capsys):
    (tmp_path / known_devices.NAME).write_text('[{"key": 5}]')
    assert cli.main(["devices", "list", "--state", str(tmp_path)]) == 2
    assert "devices.json" in capsys.readouterr().err


async def test_a_serial_line_is_captured_as_frames_that_replay(tmp_path):
    line = PseudoTerminal(tmp_path / "usb-oximeter")
    line.plug()
    output = io.StringIO()
    capturing = asyncio.create_task(capture(BlueZRadio(), str(line.path), "contec-cms50", tmp_path, 1.5, output, io.StringIO()))
    while not capturing.done():
        line.send(FINGER_OUT)
        await asyncio.wait({capturing}, timeout=0.05)
    line.unplug()
    assert capturing.result() == 0
    recorded = parse(output.getvalue())
    assert {frame.source for frame in recorded} == {"contec-cms50"}
    data = b"".join(frame.data for frame in recorded)
    assert data == FINGER_OUT * (len(data) // len(FINGER_OUT))
    assert output.getvalue().startswith("# source: captured with telecabine")

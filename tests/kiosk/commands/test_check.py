"""`telecabine check` against a station: the figures of the screen in one line each, and a status for each verdict. Needs F002-20."""

import asyncio
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from kiosk import cli
from kiosk.secure.keys import load_or_create
from simulators.sound_server import SoundServer
from station.turn import Turn
from tests.station.running import RunningStation


def settings(folder: Path, origin: str) -> Path:
    path = folder / "booth.toml"
    url = origin.replace("http", "ws", 1) + "/booth"
    path.write_text(f'pharmacy = "Cabine 1"\nstation = "{url}"\nstate_directory = "{folder}/state"\nrun_directory = "{folder}/run"\n')
    return path


async def check(path: Path, environment: Mapping[str, str] | None = None) -> tuple[int | None, list[str], str]:
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, "-m", "kiosk.cli", "check", "--settings", str(path))
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe, env=environment)
    out, err = await process.communicate()
    return process.returncode, out.decode().splitlines(), err.decode()


async def test_one_line_a_figure_and_the_verdicts_status(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir(mode=0o700)
    keys = load_or_create(tmp_path / "state" / "booth.key")
    async with RunningStation(tmp_path / "s.sqlite", booth_keys=keys) as station:
        status, lines, err = await check(settings(tmp_path, station.origin))
        assert (status, err) == (0, "")
        assert [line.split("  ")[0] for line in lines] == ["station", "up", "down", "round trip", "loss", "relay", "verdict"]
        assert lines[1].endswith(" kbit/s")
        assert lines[4] == "loss        not measured: no relay by UDP works and passes datagrams on"
        assert "the station names none" in lines[5]
        assert lines[6].startswith("verdict     good")
    async with RunningStation(tmp_path / "t.sqlite", booth_keys=keys, turn=(Turn("turn:127.0.0.1:9?transport=tcp", b"s"),)) as station:
        status, lines, _ = await check(settings(tmp_path, station.origin))
        assert (status, lines[5]) == (6, "relay       turn:127.0.0.1:9?transport=tcp: connection refused")
        assert lines[6].startswith("verdict     no relay works")
        await station.stop()
        status, lines, err = await check(tmp_path / "booth.toml")
        assert (status, len(lines), err) == (1, 2, "")
        assert lines[1].startswith("verdict     the station is not reached")
        await station.start()


async def test_a_sound_card_that_pipewire_does_not_have_is_named(tmp_path: Path) -> None:
    """Needs F002-17: the sound would go by the default card, and nothing would say so."""
    (tmp_path / "state").mkdir(mode=0o700)
    keys = load_or_create(tmp_path / "state" / "booth.key")
    async with RunningStation(tmp_path / "s.sqlite", booth_keys=keys) as station:
        path = settings(tmp_path, station.origin)
        right = 'microphone = "alsa:pipewire:NODE=telecabine.microphone"\nspeaker = "alsa:pipewire:NODE=telecabine.speaker"\n'
        path.write_text(path.read_text() + right)
        with tempfile.TemporaryDirectory() as folder, SoundServer(Path(folder) / "s") as sound:
            status, lines, _ = await check(path, sound.environment)
            assert (status, lines[-3:-1]) == (0, ["microphone  telecabine.microphone: there", "speaker     telecabine.speaker: there"])
            path.write_text(path.read_text().replace("NODE=telecabine.speaker", "NODE=telecabine.speakers"))
            status, lines, _ = await check(path, sound.environment)
            assert (status, lines[-3]) == (7, "microphone  telecabine.microphone: there")
            assert lines[-2].startswith("speaker     telecabine.speakers: PipeWire has no such node: the default card is used")
        status, lines, _ = await check(path, sound.environment)  # PipeWire is not there any more
        assert (status, ["not looked for" in line for line in lines[-3:-1]]) == (0, [True, True])


def test_what_is_wrong_before_it_begins_is_one_line(tmp_path: Path, capsys) -> None:
    assert cli.main(["check", "--settings", str(tmp_path / "none.toml")]) == 2
    assert "there is no settings file" in capsys.readouterr().err
    assert cli.main(["check", "--settings", str(settings(tmp_path, "http://127.0.0.1:1"))]) == 1
    assert "`telecabine enrol` comes first" in capsys.readouterr().err
    assert not (tmp_path / "state").exists()

import pytest

from drivers.device import Device
from drivers.measurement import Frame
from kiosk.links.link import NotAllowedError, SystemClock
from kiosk.links.replay import Recorded, ReplayError, ReplayLink, line, parse
from tests.kiosk.links.events import running

TEXT = "# source: vectors V145, V107\n> 2A35 16 7c 00\n= systolic 124 mm[Hg]\n> 2A1C @1.500 006c0100ff\n"
DEVICE = Device("replay", "blood-pressure")


def test_a_file_of_frames_is_read():
    assert parse(TEXT) == (Recorded(None, "2A35", b"\x16\x7c\0"), Recorded(1.5, "2A1C", bytes.fromhex("006c0100ff")))


@pytest.mark.parametrize("bad", ["> 2A35", "> 2A35 xx", "> 2A35 @soon 00"])
def test_a_bad_line_is_named(bad):
    with pytest.raises(ReplayError, match="line 2"):
        parse(f"# a comment\n{bad}\n")


async def test_frames_come_as_recorded_and_their_end_is_told():
    waits = []

    async def pause(seconds: float) -> None:
        waits.append(seconds)

    async with running(ReplayLink(DEVICE, parse(TEXT), SystemClock(), pause)) as events:
        await events.until(lambda: len(events.states("replay")) == 2)
        with pytest.raises(NotAllowedError):
            await ReplayLink(DEVICE, (), SystemClock()).write("replay", "2A35", b"")
    assert [event.data for event in events.of(Frame)] == [recorded.data for recorded in parse(TEXT)]
    assert events.states("replay") == [(True, "replay"), (False, "the recording ended")]
    assert len(waits) == 1
    assert 1.0 < waits[0] <= 1.5


def test_what_is_written_is_read_back():
    now = SystemClock().now()
    text = line(Frame("2A35", b"\x01\x02", now), now.monotonic - 2.5)
    assert parse(text) == (Recorded(2.5, "2A35", b"\x01\x02"),)

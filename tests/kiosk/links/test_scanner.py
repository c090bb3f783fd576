"""Codes by camera picture, serial hand scanner and grabbed keyboard wedge. Needs SYS-12, F004-18. Pictures are drawn by zxing-cpp's own writer."""

import asyncio
import json
import os
import pty
import random
import struct
from pathlib import Path

import pytest
import zxingcpp

from drivers.identity import CodeError, CodeProblem, IdentityCandidate
from kiosk.links.scanner import HandScanner, ScannerState, Scans, codes_in, identity_in, look
from kiosk.links.scanner_wedge import Wedge, WedgeScanner, open_grabbed

ROWS = {row["id"]: row for row in json.loads((Path(__file__).parents[2] / "vectors/ins-datamatrix.json").read_text(encoding="utf-8"))}
CODE = bytes.fromhex(ROWS["INS-2"]["hex"])
OTHER = bytes.fromhex(ROWS["INS-3"]["hex"])
WIDTH, HEIGHT = 1280, 720


def picture(*codes: tuple[bytes, int, int, int], noise: int = 0, kind: str = "DataMatrix") -> bytearray:
    """A grey frame with each code (bytes, scale, left, top), and noise of that many grey levels."""
    random_ = random.Random(1)
    frame = bytearray(b"\xc8" * (WIDTH * HEIGHT))
    for data, scale, left, top in codes:
        form = zxingcpp.barcode_format_from_str(kind)
        options = {"forceSquare": True} if kind == "DataMatrix" else {}
        image = memoryview(zxingcpp.create_barcode(data.decode(), form, **options).to_image(scale=scale))
        height, width = image.shape
        for row in range(height):
            start = (top + row) * WIDTH + left
            frame[start : start + width] = image.tobytes()[row * width : (row + 1) * width]
    if noise:
        for at in range(0, len(frame), 3):
            frame[at] = max(0, min(255, frame[at] + random_.randint(-noise, noise)))
    return frame


def refused(frame: bytearray) -> CodeProblem:
    with pytest.raises(CodeError) as caught:
        identity_in(codes_in(frame, WIDTH, HEIGHT))
    return caught.value.reason


@pytest.mark.parametrize(("scale", "noise"), [(2, 0), (3, 30), (6, 60)])
def test_a_camera_frame_gives_the_bytes_with_their_separators(scale: int, noise: int) -> None:
    assert codes_in(picture((CODE, scale, 300, 100), noise=noise), WIDTH, HEIGHT) == (CODE,)


async def test_the_identity_of_a_frame_with_another_code_beside_it() -> None:
    frame = picture((CODE, 3, 100, 100), (b"0103401020304050", 4, 800, 300))
    assert (await look(frame, WIDTH, HEIGHT)).family_name == "GARCIA-HAMMADI"


def test_frames_without_one_clear_identity_say_why() -> None:
    assert refused(picture()) is CodeProblem.NO_CODE
    assert refused(picture((b"0103401020304050", 4, 100, 100))) is CodeProblem.NOT_INS
    assert refused(picture((b"https://example.org/", 4, 100, 100), kind="QRCode")) is CodeProblem.NOT_INS
    assert refused(picture((b"3400930000007", 3, 100, 100), kind="EAN13")) is CodeProblem.NOT_INS
    assert refused(picture((CODE, 3, 100, 100), (OTHER, 3, 700, 100))) is CodeProblem.SEVERAL_CODES
    assert identity_in(codes_in(picture((CODE, 3, 100, 100), (CODE, 3, 700, 100)), WIDTH, HEIGHT)).sex == "female"


@pytest.mark.parametrize(("width", "height"), [(1280, 719), (0, 0), (-1, -1), (1, 1)])
def test_a_frame_that_is_not_of_its_size_is_refused(width: int, height: int) -> None:
    with pytest.raises(CodeError) as caught:
        codes_in(bytearray(WIDTH * HEIGHT), width, height)
    assert caught.value.reason is CodeProblem.IMAGE


def test_scans_are_cut_at_line_ends_and_pauses_and_never_grow_without_bound() -> None:
    scans = Scans()
    assert list(scans.receive(CODE[:50])) == []
    assert list(scans.receive(CODE[50:] + b"\r\n\r\n" + OTHER)) == [CODE]
    assert list(scans.pause()) == [OTHER]
    assert list(scans.pause()) == []
    (cut,) = scans.receive(b"x" * 100_000 + b"\r")
    assert len(cut) < 1000


async def test_a_serial_scanner_that_is_unplugged_and_plugged_in_again(tmp_path: Path) -> None:
    port = tmp_path / "by-id"
    controller, device = pty.openpty()
    port.symlink_to(os.ttyname(device))
    events = HandScanner(str(port), retry_s=0.01).events()
    async with asyncio.timeout(20):
        assert await anext(events) == ScannerState(up=True)
        os.write(controller, CODE + b"\r\n")
        first = await anext(events)
        assert isinstance(first, IdentityCandidate)
        assert first.family_name == "GARCIA-HAMMADI"
        os.write(controller, CODE.replace(b"\x1d", b""))
        second = await anext(events)
        assert isinstance(second, CodeError)
        os.close(device)
        os.close(controller)
        assert await anext(events) == ScannerState(up=False)
        controller, device = pty.openpty()
        port.unlink()
        port.symlink_to(os.ttyname(device))
        assert await anext(events) == ScannerState(up=True)
        os.write(controller, OTHER + b"\r")
        third = await anext(events)
        assert isinstance(third, IdentityCandidate)
    await events.aclose()  # type: ignore[attr-defined]
    os.close(device)
    os.close(controller)


def key(code: int, *, down: bool) -> bytes:
    return struct.pack("@llHHi", 0, 0, 1, code, int(down)) + struct.pack("@llHHi", 0, 0, 0, 0, 0)


def typed_on_us_keyboard(data: bytes) -> bytes:
    """What a scanner sends as key events: linux/input-event-codes.h, US layout, Ctrl-] for GS, Enter at the end."""
    rows = ((2, "1234567890-"), (16, "QWERTYUIOP"), (30, "ASDFGHJKL"), (44, "ZXCVBNM"), (52, "."), (57, " "))
    codes = {letter: first + place for first, letters in rows for place, letter in enumerate(letters)}
    events = b""
    for octet in data:
        letter = chr(octet)
        held, code = (29, 27) if octet == 0x1D else (42 if letter.isalpha() else 0, codes[letter])
        press = key(code, down=True) + key(code, down=False)
        events += key(held, down=True) + press + key(held, down=False) if held else press
    return events + key(28, down=True) + key(28, down=False)


def test_a_keyboard_wedge_gives_the_same_bytes_in_whatever_pieces() -> None:
    events = typed_on_us_keyboard(CODE)
    assert list(Wedge().receive(events)) == [CODE]
    wedge = Wedge()
    assert [code for at in range(0, len(events), 7) for code in wedge.receive(events[at : at + 7])] == [CODE]


def test_a_wedge_in_alt_mode() -> None:
    keypad = {"0": 82, "1": 79, "2": 80, "3": 81, "4": 75, "5": 76, "6": 77, "7": 71, "8": 72, "9": 73}
    events = b""
    for octet in CODE:
        digits = "".join(f"{octet:03d}")
        pressed = b"".join(key(keypad[digit], down=True) + key(keypad[digit], down=False) for digit in digits)
        events += key(56, down=True) + pressed + key(56, down=False)
    wedge = Wedge()
    assert list(wedge.receive(events)) == []
    assert list(wedge.pause()) == [CODE]


async def test_a_wedge_scanner_from_its_device_to_a_candidate() -> None:
    """A pipe stands for the grabbed input device: this machine has no way to make a real one."""
    pipes = [os.pipe2(os.O_NONBLOCK) for _ in range(2)]
    waiting = iter(pipes)
    events = WedgeScanner("any", retry_s=0.01, open_device=lambda _: next(waiting)[0]).events()
    async with asyncio.timeout(20):
        assert await anext(events) == ScannerState(up=True)
        os.write(pipes[0][1], typed_on_us_keyboard(CODE))
        found = await anext(events)
        assert isinstance(found, IdentityCandidate)
        assert found.family_name == "GARCIA-HAMMADI"
        os.close(pipes[0][1])
        assert await anext(events) == ScannerState(up=False)
        assert await anext(events) == ScannerState(up=True)
        os.write(pipes[1][1], typed_on_us_keyboard(b"0103401020304050"))
        assert isinstance(await anext(events), CodeError)
    await events.aclose()  # type: ignore[attr-defined]
    os.close(pipes[1][1])


def test_a_wedge_is_never_read_without_the_grab(tmp_path: Path) -> None:
    not_a_keyboard = tmp_path / "event0"
    not_a_keyboard.write_bytes(typed_on_us_keyboard(CODE))
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(OSError, match="ioctl"):
        open_grabbed(str(not_a_keyboard))
    assert len(list(Path("/proc/self/fd").iterdir())) == before

"""`telecabine decode` as a technician types it: its lines, its exit status, its one-line errors. Needs F004-06, F004-10."""

import json

import pytest

from kiosk.cli import main

KEYS = ["source", "driver", "measurements", "time", "user", "sequence", "flags", "rejected"]


def decode(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[dict[str, object]], str]:
    status = main(["decode", *arguments])
    said = capsys.readouterr()
    return status, [json.loads(line) for line in said.out.splitlines()], said.err


def test_one_line_per_frame_with_every_digit(capsys: pytest.CaptureFixture[str]) -> None:
    status, (first, second), _ = decode(capsys, "2a9d", "00b036", "01543d")
    assert status == 0
    assert list(first) == KEYS
    assert first["source"] == "2A9D"
    assert first["measurements"] == [{"vital": "weight", "value": "70.000", "unit": "kg", "absent": None}]
    assert second["measurements"] == [{"vital": "weight", "value": "157.00", "unit": "[lb_av]", "absent": None}]


def test_a_refused_frame_is_said_and_the_good_ones_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    status, (good, bad), _ = decode(capsys, "2A37", "0064", "00")
    assert status == 1
    assert good["rejected"] is None
    assert bad["measurements"] == []
    assert "truncated" in str(bad["rejected"])


def test_a_model_is_decoded_by_its_own_driver_when_it_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    frame = "566a0047000000ea07080b121f00003f000000"  # V149, a capture of a BM85
    status, (wrong,), _ = decode(capsys, "2A35", frame)
    assert status == 1
    assert wrong["rejected"]
    status, (right,), _ = decode(capsys, "2A35", frame, "--driver", "beurer-bm85")
    assert status == 0
    assert right["driver"] == "beurer-bm85"
    assert right["measurements"][-1] == {"vital": "pulse-rate", "value": "63", "unit": "/min", "absent": None}  # type: ignore[index]


def test_pieces_of_a_stream_are_put_together(capsys: pytest.CaptureFixture[str]) -> None:
    status, (said,), _ = decode(capsys, "microlife", "4d3a00", "02810a")
    assert status == 0
    assert said["flags"] == ["reply-81"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("nope", "00"),
        ("2A35", "0g"),
        ("2A35", "0"),
        ("2A35", "00", "--driver", "nobody"),
        ("2A37", "0064", "--driver", "beurer-bm85"),
        ("2A5F", "0x0062004800"),
        ("2A5F", "00:62:00:48:00"),
        ("2A5F", "\u00e9"),
        ("health-sensor", "00"),
    ],
)
def test_a_wrong_source_driver_or_hex_is_one_line_and_exit_2(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    status, lines, errors = decode(capsys, *arguments)
    assert status == 2
    assert lines == []
    assert errors.count("\n") == 1
    assert errors.startswith("telecabine decode: ")


@pytest.mark.parametrize("arguments", [("2A35",), (), ("2A35", "00", "--driver")])
def test_what_is_missing_is_one_line_and_exit_2(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["decode", *arguments])
    said = capsys.readouterr()
    assert (ended.value.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert said.err.startswith("telecabine decode: ")


@pytest.mark.parametrize(
    ("source", "digits"),
    [
        ("2A35", ""),
        ("2A35", " \n "),
        ("contec-cms50", ""),
        ("omron-eeprom", ""),
        ("astm", "05"),
        ("2A37", "00" * 20_000),
        ("2A5F", "00 62 00"),
    ],
)
def test_bytes_that_say_nothing_are_one_line_which_says_so(capsys: pytest.CaptureFixture[str], source: str, digits: str) -> None:
    """Empty, blank, far too long, a handshake alone: never silence, never a traceback."""
    status, lines, errors = decode(capsys, source, digits)
    assert (status, len(lines), errors) == (1, 1, "")
    assert lines[0]["rejected"]
    assert lines[0]["measurements"] == []


def test_spaces_and_capitals_are_taken(capsys: pytest.CaptureFixture[str]) -> None:
    plain = decode(capsys, "2A5F", "0062004800")
    assert plain[0] == 0
    assert decode(capsys, "2a5f", "00 62 00 48 00") == plain
    assert decode(capsys, "2A9C", "00 00 FF ff")[1][0]["measurements"]

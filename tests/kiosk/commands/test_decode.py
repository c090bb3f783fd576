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
    ],
)
def test_a_wrong_source_driver_or_hex_is_one_line_and_exit_2(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    status, lines, errors = decode(capsys, *arguments)
    assert status == 2
    assert lines == []
    assert errors.count("\n") == 1
    assert errors.startswith("telecabine decode: ")

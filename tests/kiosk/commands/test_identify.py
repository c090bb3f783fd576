"""`telecabine identify` and what it never shows. Needs SYS-12, F004-18."""

import dataclasses
import io
import json
import logging
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest

from drivers.cards import typed
from drivers.identity import CardError, CardProblem, CodeProblem
from kiosk.cli import main
from kiosk.consultation.identity_messages import WARNINGS, message, messages

NUMBER = "277010115400329"
CODE = (
    b"IS01" + b"0" * 22 + b"S1277010115400329S21.2.250.1.213.1.4.8\x1dS3SARAH-LOU ANNA\x1dS4GARCIA-HAMMADI\x1dS5FS621-01-1977S701154"
).hex()


def test_a_datamatrix_gives_one_candidate_with_its_number_masked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["identify", "--datamatrix", CODE]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "candidates": [
            {
                "driver": "fr-ins-datamatrix",
                "family_name": "GARCIA-HAMMADI",
                "given_names": ["SARAH-LOU", "ANNA"],
                "birth_date": "1977-01-21",
                "sex": "female",
                "identifiers": [
                    {"system": "urn:oid:1.2.250.1.213.1.4.8", "value_masked": "•" * 13 + "29", "check": "ok", "belongs_to": "patient"}
                ],
                "trust": "read",
                "warnings": ["not-signed"],
            }
        ],
        "rejected": None,
    }


def test_a_refused_code_says_why_and_the_command_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["identify", "--datamatrix", CODE.replace("1d", "", 1)]) == 1
    shown = json.loads(capsys.readouterr().out)
    assert shown["candidates"] == []
    assert shown["rejected"].startswith("code-")
    assert NUMBER not in str(shown)


@pytest.mark.parametrize("hex_text", ["4", "zz", "4953 é"])
def test_bad_hex_is_a_usage_error_in_plain_words(hex_text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["identify", "--datamatrix", hex_text]) == 2
    assert "bad hex" in capsys.readouterr().err


def test_numbers_are_shown_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["identify", "--datamatrix", CODE, "--show-numbers"]) == 0
    printed = capsys.readouterr()
    assert NUMBER not in printed.out
    assert "terminal" in printed.err
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert main(["identify", "--datamatrix", CODE, "--show-numbers"]) == 0
    assert NUMBER in capsys.readouterr().out


@pytest.mark.parametrize("dump", [json.dumps, msgspec.json.encode, orjson.dumps, pickle.dumps], ids=["json", "msgspec", "orjson", "pickle"])
def test_no_encoder_takes_a_number(dump: Callable[[Any], bytes]) -> None:
    candidate = typed.read("Garcia", "Anna", "1977-01-21", "female", NUMBER)
    with pytest.raises(TypeError):
        dump(candidate.identifiers[0].value)
    with pytest.raises(TypeError):
        dump(dataclasses.asdict(candidate))


def test_no_log_and_no_text_carries_a_number_or_a_name() -> None:
    candidate = typed.read("Garcia", "Anna", "1977-01-21", "female", NUMBER)
    stream = io.StringIO()
    logger = logging.getLogger("test.identify")
    logger.addHandler(logging.StreamHandler(stream))
    logger.warning("%s %r %s", candidate, candidate, candidate.identifiers[0].value)
    text = stream.getvalue() + f"{candidate}{candidate.identifiers}{candidate.identifiers[0].value:>20}"
    for secret in (NUMBER, NUMBER[:13], "Garcia", "Anna", "1977"):
        assert secret not in text


def test_every_warning_and_reason_has_its_sentences() -> None:
    reasons = set(messages())
    assert reasons >= {*CardProblem, *CodeProblem}
    for said in messages().values():
        assert all(text.endswith(".") for text in (said.french, said.french_way_out, said.english, said.english_way_out)), said
    assert len({said.french for said in messages().values()}) == len(reasons)
    assert message(CardError(CardProblem.MUTE)).french.startswith("La carte ne répond pas")
    raised = set()
    for path in (*Path("drivers/cards").glob("*.py"), Path("kiosk/consultation/identity.py"), Path("simulators/insi.py")):
        text = path.read_text(encoding="utf-8")
        raised |= set(re.findall(r'(?:IdentityError|InsiError)\("([a-z-]+)"\)', text))
        assert set(re.findall(r'warnings(?:\.append\(|=\()"([a-z-]+)"', text)) <= set(WARNINGS), path
    assert len(raised) > 8
    assert raised <= reasons

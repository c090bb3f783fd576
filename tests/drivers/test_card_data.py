"""What card drivers make of bytes, without any card. Need SYS-14."""

import json
from pathlib import Path

import pytest

from drivers.cards import apdu, be_eid, tlv
from drivers.cards.card import is_professional, load
from drivers.cards.traits import KVNR, SSIN, identifier, kvnr_is_valid
from drivers.identity import CardError, CardProblem, Check

ROWS = {row["id"]: row for row in json.loads((Path(__file__).parent.parent / "vectors/cards.json").read_text(encoding="utf-8"))}


def test_the_identity_file_of_the_public_belgian_specimen() -> None:
    row = ROWS["BE-1"]
    fields = be_eid.simple_tlv(bytes.fromhex(row["hex"]))
    assert {str(tag): fields[tag].decode() for tag in map(int, row["expected"])} == row["expected"]
    assert fields[0x11].hex() == "476a2c4072f5fb07642e256d5edfd79c6a675fc69262d327f9979051517b0801"
    assert identifier(SSIN, "01050399963").check is Check.OK


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("03 MEI 2001", "2001-05-03"),
        ("01 JAN 1971", "1971-01-01"),
        ("1 JAN 1971", "1971-01-01"),
        ("13.AUG. 1996", "1996-08-13"),
        ("24 MAAR 1969", "1969-03-24"),
        ("07 SEPT 2003", "2003-09-07"),
        ("1971", "1971"),
        ("31 FEB 1971", None),
        ("01 XXX 1971", None),
        ("", None),
    ],
)
def test_belgian_birth_dates_are_written_in_words(text: str, iso: str | None) -> None:
    assert be_eid.birth_date(text) == iso


def test_a_belgian_length_goes_on_while_it_is_ff() -> None:
    assert be_eid.simple_tlv(b"\x07\xff\x02" + b"a" * 257 + b"\x08\x01b\x00\x00") == {7: b"a" * 257, 8: b"b"}
    for broken in (b"\x07\xff", b"\x07\x05abc", b"\x07\x01a\x07\x01b"):
        with pytest.raises(CardError):
            be_eid.simple_tlv(broken)


def test_check_digit_of_the_german_number() -> None:
    assert kvnr_is_valid("T115774582")
    assert not kvnr_is_valid("T115774583")
    assert identifier(KVNR, "t115774582").check is Check.BAD


def test_strict_ber_tlv() -> None:
    assert tlv.parse(bytes.fromhex("65038001415f2402abcd8081014a0000ff")) == [(0x65, b"\x80\x01A"), (0x5F24, b"\xab\xcd"), (0x80, b"J")]
    for broken in ("65", "6505800141", "6580", "658400000001", "5f", "5f8101", "658201"):
        with pytest.raises(CardError):
            tlv.parse(bytes.fromhex(broken))


@pytest.mark.parametrize(
    ("atr", "professional"),
    [
        ("3BAC00402A001225006480000310009000", True),
        ("3BAC55402A001225006480112233009000", True),
        ("3BAC00402A001325006480000310009000", False),
        ("3BAC00402A0012250064800003100090", False),
        ("3B8F80010031B86404B0ECC1739401808290000E", True),
        ("3B9B188001001225006480040100009044", True),
        ("3B8F80018031B86B84010550544E90005A", False),
        ("", False),
    ],
)
def test_a_professional_s_card_is_known_by_its_answer_to_reset(atr: str, professional: bool) -> None:
    assert is_professional(bytes.fromhex(atr)) is professional


@pytest.mark.parametrize("command", ["0020000108", "00D6000001AA", "0082000000", "00240000", "00A4", "", "00A4" + "00" * 300])
def test_only_reading_commands_are_let_out(command: str) -> None:
    with pytest.raises(CardError) as caught:
        apdu.allowed(bytes.fromhex(command))
    assert caught.value.reason is CardProblem.COMMAND


def test_every_card_driver_says_what_it_follows() -> None:
    names = [driver.name for driver in load()]
    assert sorted(names) == ["at-ecard", "be-eid", "ch-veka", "de-egk", "fr-vitale", "it-cns"]
    for driver in load():
        assert "Protocol:" in str(__import__(driver.__module__, fromlist=["_"]).__doc__)
        assert len(driver.country) == 2


def test_a_card_that_keeps_a_driver_busy_for_ever_is_stopped() -> None:
    def endless() -> apdu.Exchange[None]:
        while True:
            yield bytes.fromhex("00A40000")

    with pytest.raises(CardError) as caught:
        apdu.carry(endless(), lambda _: b"\x90\x00")
    assert caught.value.reason is CardProblem.TOO_LARGE

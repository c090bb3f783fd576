"""The INS datamatrix and typed identities. Needs SYS-12, SYS-14, SYS-23, F003-03, F004-18."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from drivers.cards import ins_datamatrix, typed
from drivers.cards.traits import NIR, identifier, partial_date
from drivers.identity import Check, CodeError, CodeProblem, IdentityCandidate, Trust

VECTORS = Path(__file__).parent.parent / "vectors"
ROWS: list[dict[str, Any]] = json.loads((VECTORS / "ins-datamatrix.json").read_text(encoding="utf-8"))
HEADER = b"IS01" + b"0" * 22
BODY = {
    "S1": b"277010115400329",
    "S2": b"1.2.250.1.213.1.4.8\x1d",
    "S3": b"SARAH-LOU ANNA\x1d",
    "S4": b"GARCIA-HAMMADI\x1d",
    "S5": b"F",
    "S6": b"21-01-1977",
    "S7": b"01154",
}


def code(**changed: bytes | None) -> bytes:
    fields = {**BODY, **changed}
    return HEADER + b"".join(key.encode() + value for key, value in fields.items() if value is not None)


def reason(data: bytes, *, test: bool = False) -> str:
    with pytest.raises(CodeError) as caught:
        ins_datamatrix.read(data, test=test)
    return caught.value.reason


def says(candidate: IdentityCandidate) -> dict[str, object]:
    (number,) = candidate.identifiers
    return {
        "family_name": candidate.family_name,
        "given_names": list(candidate.given_names),
        "birth_date": candidate.birth_date,
        "sex": candidate.sex,
        "birth_place": candidate.birth_place,
        "system": number.system,
        "check": number.check,
        "belongs_to": number.belongs_to,
    }


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_public_vectors(row: dict[str, Any]) -> None:
    data = bytes.fromhex(row["hex"])
    if "error" in row["expected"]:
        assert reason(data) == row["expected"]["error"]
    else:
        assert says(ins_datamatrix.read(data)) == row["expected"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_every_single_lost_separator_is_refused(row: dict[str, Any]) -> None:
    data = bytes.fromhex(row["hex"])
    for at in [at for at, octet in enumerate(data) if octet == 0x1D]:
        reason(data[:at] + data[at + 1 :])


def test_a_lost_separator_before_an_optional_birth_place_is_refused() -> None:
    late = code(S4=None, S7=None) + b"S4GARCIA-HAMMADI"
    assert ins_datamatrix.read(late + b"\x1dS701154").birth_place == "01154"
    assert ins_datamatrix.read(late).birth_place is None
    assert reason(late + b"S701154") == CodeProblem.SEPARATOR


@pytest.mark.parametrize("alias", ["<GS>", "␝", "\\x1D", "^]"])
def test_what_scanners_make_of_the_separator_is_understood(alias: str) -> None:
    data = code().replace(b"\x1d", alias.encode())
    assert ins_datamatrix.read(data) == ins_datamatrix.read(code())


def test_the_order_is_free_and_a_full_field_has_no_separator() -> None:
    back = HEADER + b"".join(key.encode() + BODY[key] for key in reversed(BODY))
    assert says(ins_datamatrix.read(back)) == says(ins_datamatrix.read(code()))
    assert ins_datamatrix.read(code(S4=b"A" * 100)).family_name == "A" * 100
    assert reason(code(S4=b"A" * 101)) == CodeProblem.FIELD_UNKNOWN


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", CodeProblem.NOT_INS),
        (b"0103401020304050\x1d17290101", CodeProblem.NOT_INS),
        (b"DC04FR000001FFFF23DC2801FR43", CodeProblem.SIGNED_DOCUMENT),
        (b"IS02" + b"0" * 22, CodeProblem.VERSION),
        (b"IS01" + b"1" * 22, CodeProblem.VERSION),
        (HEADER, CodeProblem.FIELD_MISSING),
        (code(S6=None), CodeProblem.FIELD_MISSING),
        (code() + b"S8X", CodeProblem.FIELD_UNKNOWN),
        (code() + b"S5F", CodeProblem.FIELD_TWICE),
        (code() + b"S", CodeProblem.FIELD_UNKNOWN),
        (code(S3=b"\x1d"), CodeProblem.FIELD_LENGTH),
        (code(S1=b"27701\x1d"), CodeProblem.SEPARATOR),
        (code(S5=b"F\x1d"), CodeProblem.SEPARATOR),
        (code(S3=b"ANNA\x1d\x1d"), CodeProblem.SEPARATOR),
        (code(S1=b"27701011540032A"), CodeProblem.NUMBER),
        (code(S2=b"1.2.250.1.213.1.4.7\x1d"), CodeProblem.AUTHORITY),
        (code(S2=b"1.2.250.1.213.1.4.10"), CodeProblem.TEST_IDENTITY),
        (code(S2=b"1.2.250.1.213.1.4.11"), CodeProblem.TEST_IDENTITY),
        (code(S3=b"ANNA2\x1d"), CodeProblem.NAME),
        (code(S4=b" GARCIA\x1d"), CodeProblem.NAME),
        (code(S4="GARCÍA\x1d".encode()), CodeProblem.CHARACTER),
        (code(S4="GARCÍA\x1d".encode("latin-1")), CodeProblem.CHARACTER),
        (code(S4=b"GAR\x00CIA\x1d"), CodeProblem.CHARACTER),
        (code(S5=b"X"), CodeProblem.SEX),
        (code(S6=b"1977-01-21"), CodeProblem.DATE),
        (code(S6=b"31-02-1977"), CodeProblem.DATE),
        (code(S6=b"21-01-0000"), CodeProblem.DATE),
        (code(S7=b"2C154"), CodeProblem.PLACE),
        (code(S3=b"A" * 5000), CodeProblem.TOO_LONG),
        (code()[:-1], CodeProblem.FIELD_LENGTH),
    ],
)
def test_what_is_refused_and_why(data: bytes, expected: CodeProblem) -> None:
    assert reason(data) == expected


def test_dates_that_are_known_in_part() -> None:
    assert ins_datamatrix.read(code(S6=b"00-01-1977")).birth_date == "1977-01"
    partial = ins_datamatrix.read(code(S6=b"00-13-1977"))
    assert partial.birth_date == "1977"
    assert "birth-date-partial" in partial.warnings
    assert partial_date("1900", "02", "29") is None


def test_a_test_booth_takes_test_identities_alone() -> None:
    assert ins_datamatrix.read(code(S2=b"1.2.250.1.213.1.4.10"), test=True).identifiers[0].system == "urn:oid:1.2.250.1.213.1.4.10"
    assert reason(code(), test=True) == CodeProblem.REAL_IDENTITY


def test_check_digits_of_public_numbers() -> None:
    (row,) = json.loads((VECTORS / "nir.json").read_text())
    assert [identifier(NIR, number).check for number in row["valid"]] == [Check.OK] * 6
    assert [identifier(NIR, number).check for number in row["invalid"]] == [Check.BAD] * 4


def test_the_insured_person_s_number_is_told_from_the_patient_s() -> None:
    mother = "253072A07300443"
    child = typed.read("Leca", "Ange", "2015-07-02", "male", mother)
    assert (child.identifiers[0].belongs_to, child.warnings) == ("insured", ("number-of-the-insured",))
    herself = typed.read("Leca", "Anne", "1953-07-14", "female", mother)
    assert (herself.identifiers[0].belongs_to, herself.warnings) == ("patient", ())
    nothing_to_compare = typed.read("Leca", "Anne", "1953", "unknown", "2 53 20 2A 073 004 34")
    assert nothing_to_compare.identifiers[0].belongs_to == "patient"


def test_typed_entry_gives_the_same_candidate_and_refuses_bad_input() -> None:
    given = typed.read("  García  Hämmadi ", "Sarah-Lou Anna", "1977-01", "female")
    assert (given.trust, given.family_name, given.given_names) == (Trust.TYPED, "García Hämmadi", ("Sarah-Lou", "Anna"))
    for arguments, expected in [
        (("", "Anna", "1977"), CodeProblem.NAME),
        (("Garcia", "\u200b", "1977"), CodeProblem.NAME),
        (("Garcia", "Anna", "21/01/1977"), CodeProblem.DATE),
        (("Garcia", "Anna", "1977-02-30"), CodeProblem.DATE),
        (("Garcia", "Anna", "1977", "F"), CodeProblem.SEX),
        (("Garcia", "Anna", "1977", "female", "27701"), CodeProblem.NUMBER),
    ]:
        with pytest.raises(CodeError) as caught:
            typed.read(*arguments)
        assert caught.value.reason == expected


def mutated(random_: random.Random) -> bytes:
    """One damaged code: bits flipped, cut, pieces doubled, or noise."""
    data = bytearray(code())
    for _ in range(random_.randint(1, 6)):
        at = random_.randrange(len(data) + 1)
        kind = random_.randrange(5)
        if kind == 0 and at < len(data):
            data[at] ^= 1 << random_.randrange(8)
        elif kind == 1:
            del data[at : at + random_.randint(1, 8)]
        elif kind == 2:
            data[at:at] = random_.randbytes(random_.randint(1, 8))
        elif kind == 3:
            data[at:at] = data[random_.randrange(len(data) + 1) :][: random_.randint(1, 40)]
        else:
            data[at:at] = random_.choice((b"\x1d", b"S1", b"S7", b"S4", b"<GS>", b"\xe2\x90\x9d"))
    return bytes(data)


def fuzz(count: int, seed: int) -> int:
    """Read `count` damaged codes and return how many were taken; anything but CodeError comes through."""
    random_ = random.Random(seed)
    taken = 0
    for _ in range(count):
        try:
            candidate = ins_datamatrix.read(mutated(random_))
        except CodeError:
            continue
        taken += 1
        assert candidate.birth_date
        assert candidate.family_name
    return taken


def test_damaged_codes_are_read_or_refused_and_nothing_else() -> None:
    assert 0 < fuzz(20_000, seed=1) < 10_000

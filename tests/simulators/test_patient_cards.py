"""Every card driver over a virtual card in process: what it reads, refuses, and never asks. Needs SYS-14, F004-18.

The layouts of the Vitale, Swiss, Italian and Austrian cards come from public descriptions; these cards prove our reading of them.
"""

import gzip
import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drivers.cards import apdu
from drivers.cards.card import Policy, identify
from drivers.cards.vitale import Vitale
from drivers.identity import CardError, CardProblem, IdentityCandidate, Trust
from simulators import patient_cards
from simulators.card import VirtualCard
from simulators.patient_cards import Person
from tests.simulators.card_fuzz import ANNE, KINDS, PAUL, POLICY, fuzz

EGK: dict[str, Any] = json.loads((Path(__file__).parent.parent / "vectors/cards.json").read_text(encoding="utf-8"))[0]
BERT = Person("MARTIN", "BERT", "19850523", "185057512345673")


def read(card: VirtualCard, policy: Policy = POLICY) -> tuple[IdentityCandidate, ...]:
    return apdu.carry(identify(card.atr, policy), card.answer)


def refused(card: VirtualCard, policy: Policy = POLICY) -> CardProblem:
    with pytest.raises(CardError) as caught:
        read(card, policy)
    return caught.value.reason


def says(candidate: IdentityCandidate) -> tuple[object, ...]:
    (number,) = candidate.identifiers
    return (
        candidate.driver,
        candidate.family_name,
        candidate.given_names,
        candidate.birth_date,
        candidate.sex,
        number.value.reveal(),
        number.check.value,
        number.belongs_to,
    )


@pytest.mark.parametrize("t0", [True, False], ids=["T=0", "T=1"])
def test_a_vitale_card_names_every_holder_and_says_whose_the_number_is(t0: bool) -> None:
    mother, child = read(patient_cards.vitale([ANNE, PAUL], t0=t0))
    assert says(mother) == ("fr-vitale", "DURAND", ("ANNE", "MARIE"), "1953-07-14", "unknown", "253072A07300443", "ok", "patient")
    assert says(child) == ("fr-vitale", "DURAND", ("PAUL",), "2015", "unknown", "253072A07300443", "ok", "insured")
    assert child.warnings == ("several-holders", "number-of-the-insured", "birth-date-partial")


def test_a_vitale_card_is_read_only_with_a_legal_basis_and_says_so() -> None:
    card = patient_cards.vitale([ANNE])
    assert refused(card, Policy()) is CardProblem.VITALE_OFF
    assert not any(command[1] == 0xB0 for command in card.log)


def test_a_belgian_card_is_signed_only_under_a_pinned_authority() -> None:
    person = Person("Specimen", "Nora Angèle", "", "01050399963")
    card = patient_cards.be_eid(person, "03 MEI 2001")
    (candidate,) = read(card)
    assert says(candidate) == ("be-eid", "Specimen", ("Nora", "Angèle"), "2001-05-03", "female", "01050399963", "ok", "patient")
    assert candidate.trust is Trust.SIGNED
    (unpinned,) = read(card, Policy(anchors=(patient_cards.belgian_root("rsa"),)))
    assert (unpinned.trust, unpinned.warnings) == (Trust.READ, ("signer-not-pinned",))
    (older,) = read(patient_cards.be_eid(person, "03 MEI 2001", kind="rsa"), Policy(anchors=(patient_cards.belgian_root("rsa"),)))
    assert older.trust is Trust.SIGNED


@pytest.mark.parametrize("file", ["3F00/DF01/4031", "3F00/DF01/4032", "3F00/DF01/4035"])
def test_a_belgian_card_that_was_altered_is_refused(file: str) -> None:
    card = patient_cards.be_eid(Person("Specimen", "Nora", "", "01050399963"), "03 MEI 2001")
    data = card.files[file]
    assert isinstance(data, bytes)
    card.files[file] = data[:9] + bytes((data[9] ^ 1,)) + data[10:]
    assert refused(card) is CardProblem.SIGNATURE


def test_a_belgian_card_with_another_certificate_is_not_trusted_as_signed() -> None:
    card = patient_cards.be_eid(Person("Specimen", "Nora", "", "01050399963"), "03 MEI 2001")
    certificate = card.files["3F00/DF00/503C"]
    assert isinstance(certificate, bytes)
    card.files["3F00/DF00/503C"] = certificate.replace(b"Simulated Register", b"Simulated Resister")
    (candidate,) = read(card)
    assert candidate.trust is Trust.READ


def test_the_public_german_record() -> None:
    (candidate,) = read(patient_cards.egk(EGK["text"].encode("iso-8859-15")))
    assert says(candidate) == ("de-egk", "Burdack", ("Claudia",), "1980-07-13", "female", "T115774582", "ok", "patient")


def test_swiss_italian_and_austrian_cards() -> None:
    (swiss,) = read(patient_cards.veka(Person("Muster", "Anna Maria", "19700101", "7569217076985")))
    assert says(swiss) == ("ch-veka", "Muster", ("Anna", "Maria"), "1970-01-01", "female", "7569217076985", "ok", "patient")
    for height in (True, False):
        (italian,) = read(patient_cards.cns(Person("ROSSI", "MARIA", "19800113", "RSSMRA80A53H501U"), height=height))
        assert says(italian)[:6] == ("it-cns", "ROSSI", ("MARIA",), "1980-01-13", "female", "RSSMRA80A53H501U")
    (austrian,) = read(patient_cards.ecard(Person("Muster", "Anna", "19800101", "1237010180")))
    assert says(austrian) == ("at-ecard", "Muster", ("Anna",), "1980-01-01", "unknown", "1237010180", "ok", "patient")


def test_cards_that_are_not_a_patient_s_are_told_apart() -> None:
    assert refused(patient_cards.professional()) is CardProblem.PROFESSIONAL
    assert refused(VirtualCard(files={})) is CardProblem.UNSUPPORTED
    tag = VirtualCard(files={}, atr=bytes.fromhex("3B8F8001804F0CA000000306030001000000006A"))
    assert refused(tag) is CardProblem.CONTACTLESS
    assert tag.log == []


@pytest.mark.parametrize("kind", KINDS)
def test_only_reading_commands_are_sent_and_no_medical_file_is_selected(kind: str) -> None:
    card = KINDS[kind]()
    read(card)
    assert {command[1] for command in card.log} <= {0xA4, 0xB0, 0xC0}
    selected = {command[5:].hex().upper() for command in card.log if command[1] == 0xA4}
    assert not any(name.endswith(("4033", "D002", "DF01", "4101")) for name in selected)


@pytest.mark.parametrize("personal_data", [b"\x00\x00", b"\xff\xff", b"\x00\x10" + b"x" * 16, b"\x10\x00"], ids=lambda data: data[:2].hex())
def test_german_data_of_a_wrong_length_or_form_are_refused(personal_data: bytes) -> None:
    assert refused(patient_cards.egk_raw(personal_data)) is CardProblem.DATA


@pytest.mark.parametrize(
    ("xml", "problem"),
    [
        (b"x" * 1_000_000, CardProblem.TOO_LARGE),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', CardProblem.DATA),
        (b"<a><Nachname>A</Nachname></a>", CardProblem.DATA),
        (b"<a><Nachname>A</Nachname><Nachname>B</Nachname><Vorname>C</Vorname></a>", CardProblem.DATA),
        (b"<a>" * 3000, CardProblem.DATA),
        ("<a>\x00</a>".encode("utf-16"), CardProblem.DATA),
    ],
    ids=["gzip bomb", "entities", "no name", "two names", "open tags", "UTF-16"],
)
def test_hostile_german_data_are_refused(xml: bytes, problem: CardProblem) -> None:
    packed = gzip.compress(xml, mtime=0)
    assert len(packed) < 4096
    card = patient_cards.egk_raw(len(packed).to_bytes(2, "big") + packed)
    assert refused(card) is problem


def test_a_card_that_answers_without_end_is_stopped() -> None:
    for answer in (b"\x61\x00", b"x" * 255 + b"\x61\xff", b"\x6c\x01", b"y" * 65536 + b"\x90\x00"):
        card = patient_cards.vitale([ANNE])
        sent: list[bytes] = []

        def transmit(command: bytes, card: VirtualCard = card, answer: bytes = answer, sent: list[bytes] = sent) -> bytes:
            sent.append(command)
            return answer if command[1] in {0xB0, 0xC0} else card.answer(command)

        with pytest.raises(CardError) as caught:
            apdu.carry(identify(card.atr, POLICY), transmit)
        assert caught.value.reason in {CardProblem.TOO_LARGE, CardProblem.DATA}
        assert len(sent) < 200


def spoilt(card: VirtualCard, path: str, old: bytes, new: bytes) -> VirtualCard:
    data = card.files[path]
    assert isinstance(data, bytes)
    assert old in data
    card.files[path] = data.replace(old, new, 1)
    return card


@pytest.mark.parametrize(
    ("kind", "path", "old", "new"),
    [
        ("fr-vitale", "3F00/0002", b"PAUL", b"PA\x07L"),
        ("fr-vitale", "3F00/V1/0002", b"253072A", b"253 72A"),
        ("ch-veka", "3F00/2F06", b",", b"_"),
        ("ch-veka", "3F00/2F06", b"Muster", b"M\xffster"),
        ("ch-veka", "3F00/2F06", b"Muster", b"M\x07ster"),
        ("it-cns", "3F00/1100/1102", b"ROSSI", b"RO\xe8SI"),
        ("it-cns", "3F00/1100/1102", b"05ROSSI", b"ZZROSSI"),
        ("it-cns", "3F00/1100/1102", b"05MARIA", b"FFMARIA"),
        ("at-ecard", "3F00/E1/EF01", b"\x12\x0a1237010180", b"\x12\x0a12370101X0"),
        ("at-ecard", "3F00/E1/EF01", b"\x0c\x06Muster", b"\x04\x06Muster"),
        ("at-ecard", "3F00/E1/EF01", b"\x0c\x06Muster", b"\x0c\x06M\xffster"),
        ("at-ecard", "3F00/E1/EF01", bytes.fromhex("55042A"), bytes.fromhex("550404")),
    ],
)
def test_data_that_are_not_well_formed_are_refused(kind: str, path: str, old: bytes, new: bytes) -> None:
    assert refused(spoilt(KINDS[kind](), path, old, new)) is CardProblem.DATA


def test_a_file_that_never_ends_is_stopped() -> None:
    card = replace(patient_cards.veka(ANNE), files={"3F00/2F06": b"\x65\x82\xff\xff" + bytes(65000)})
    assert refused(card) is CardProblem.TOO_LARGE


def swapped(make: Callable[[Person], VirtualCard], at: int) -> apdu.Transmit:
    """A channel on which another person's card answers from command `at` on, and nothing tells so."""
    first, second = make(ANNE), make(BERT)
    count = itertools.count()
    return lambda command: (first if next(count) < at else second).answer(command)


@pytest.mark.parametrize("make", [lambda who: patient_cards.vitale([who]), patient_cards.veka], ids=["fr-vitale", "ch-veka"])
def test_a_silent_swap_at_any_moment_never_mixes_two_people(make: Callable[[Person], VirtualCard]) -> None:
    whole = make(ANNE)
    people = (*read(whole), *read(make(BERT)))
    for at in range(len(whole.log)):
        try:
            found = apdu.carry(identify(whole.atr, POLICY), swapped(make, at))
        except CardError:
            continue
        assert set(found) <= set(people)


def test_without_the_second_read_the_same_swap_mixes_two_people() -> None:
    between_the_two_files = swapped(lambda who: patient_cards.vitale([who]), 4)
    (found,) = apdu.carry(Vitale(POLICY).read(), between_the_two_files)
    assert (found.family_name, found.identifiers[0].value.reveal()) == (ANNE.family_name, BERT.number)


def test_damaged_sessions_are_read_or_refused_and_nothing_else() -> None:
    outcome = fuzz(3_000, seed=1)
    assert outcome.read > 100
    assert outcome.refused > 1000
    assert outcome.slowest_s < 5

"""From a candidate to a qualified identity, and what may leave the booth. INSi is simulated. Needs SYS-12, F004-18."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from drivers.cards import ins_datamatrix, typed
from drivers.identity import IdentityCandidate
from kiosk.consultation.identity import (
    HIGH_TRUST,
    INS_TRANSITIONS,
    STATUS_WORDS,
    Document,
    IdentityError,
    IdentityEvent,
    InsiError,
    PatientIdentity,
    as_patient,
    confirm,
    correct,
    doubt,
    look_up,
    see_document,
    transmittable,
)
from kiosk_fhir.context import IdentityStatus
from simulators.insi import REGISTRY, SimulatedInsi

NOW = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
CODE = b"IS01" + b"0" * 22 + b"S1277010115400329S21.2.250.1.213.1.4.10S3SARAH-LOU ANNA\x1dS4GARCIA-HAMMADI\x1dS5FS621-01-1977S701154"


def candidate() -> IdentityCandidate:
    return ins_datamatrix.read(CODE, test=True)


def identity(family: str = "García-Hämmadi", given: str = "Sarah-Lou", born: str = "1977-01-21", sex: str = "female") -> PatientIdentity:
    return confirm(typed.read(family, given, born, sex), "Pharmacist", NOW)


async def refused(who: PatientIdentity, service: SimulatedInsi, *, test: bool = True) -> str:
    with pytest.raises(IdentityError) as caught:
        await look_up(who, service, NOW, test=test)
    return caught.value.reason


def test_every_status_knows_every_event_and_has_its_words() -> None:
    assert set(INS_TRANSITIONS) == {(status, event) for status in IdentityStatus for event in IdentityEvent}
    assert set(STATUS_WORDS) == set(IdentityStatus)


def test_whatever_was_read_is_provisional() -> None:
    who = confirm(candidate(), "Pharmacist", NOW)
    assert who.status is IdentityStatus.PROVISIONAL
    assert who.ins is None
    assert [step.event for step in who.history] == ["confirmed"]


async def test_insi_and_a_document_qualify_in_either_order() -> None:
    service = SimulatedInsi()
    retrieved = await look_up(identity(), service, NOW, test=True)
    assert (retrieved.status, retrieved.family_name, retrieved.given_names) == (
        IdentityStatus.RETRIEVED,
        "GARCIA-HAMMADI",
        ("SARAH-LOU", "ANNA"),
    )
    qualified = see_document(retrieved, Document.PASSPORT, "Pharmacist", NOW)
    validated = see_document(identity(), Document.IDENTITY_CARD, "Pharmacist", NOW)
    assert validated.status is IdentityStatus.VALIDATED
    assert (await look_up(validated, service, NOW, test=True)).status is qualified.status is IdentityStatus.QUALIFIED


async def test_the_number_of_a_code_is_verified_or_dropped() -> None:
    service = SimulatedInsi()
    verified = await look_up(confirm(candidate(), "Pharmacist", NOW), service, NOW, test=True)
    assert (verified.status, verified.ins) == (IdentityStatus.RETRIEVED, candidate().identifiers[0])
    forged = ins_datamatrix.read(CODE.replace(b"GARCIA", b"GARCIO"), test=True)
    dropped = await look_up(confirm(forged, "Pharmacist", NOW), service, NOW, test=True)
    assert (dropped.status, dropped.ins, dropped.claimed) == (IdentityStatus.PROVISIONAL, None, None)


@pytest.mark.parametrize("document", sorted(set(Document) - HIGH_TRUST))
def test_a_card_or_a_licence_validates_nothing(document: Document) -> None:
    with pytest.raises(IdentityError) as caught:
        see_document(identity(), document, "Pharmacist", NOW)
    assert caught.value.reason == "document-not-trusted"


async def test_insi_finds_nobody_several_or_somebody_else() -> None:
    service = SimulatedInsi()
    assert await refused(identity(family="Nobody"), service) == "ins-not-found"
    assert await refused(identity("Durand", "Anne", "1953-07-14"), service) == "ins-several"
    assert (await look_up(identity("Durand", "Anne Louise", "1953-07-14"), service, NOW, test=True)).birth_place == "2B073"
    assert await refused(identity(born="1977-01"), service) == "identity-incomplete"

    class Wrong(SimulatedInsi):
        async def search(self, traits):  # type: ignore[no-untyped-def]
            answer = await super().search(traits)
            return replace(answer, traits=replace(REGISTRY[0], family_name="SOMEBODY-ELSE"))

    assert await refused(identity(), Wrong()) == "ins-differs"


async def test_test_identities_stay_out_of_a_booth_in_service_and_real_ones_out_of_a_test_booth() -> None:
    assert await refused(identity(), SimulatedInsi(), test=False) == "ins-test-identity"
    real = confirm(ins_datamatrix.read(CODE.replace(b".4.10S3", b".4.8\x1dS3")), "Pharmacist", NOW)
    assert await refused(real, SimulatedInsi(), test=True) == "ins-real-identity"


@pytest.mark.parametrize("failure", ["insi-unavailable", "insi-refused", "insi-deadline"])
async def test_insi_that_fails_changes_nothing(failure: str) -> None:
    service = SimulatedInsi()
    service.failure = failure
    with pytest.raises(InsiError) as caught:
        await look_up(identity(), service, NOW, test=True)
    assert caught.value.reason == failure


@pytest.mark.parametrize(
    "spoil", [lambda who: correct(who, "Pharmacist", NOW, family_name="Other"), lambda who: doubt(who, "Pharmacist", NOW)]
)
async def test_a_correction_or_a_doubt_voids_what_was_checked(spoil: Callable[[PatientIdentity], PatientIdentity]) -> None:
    qualified = see_document(await look_up(identity(), SimulatedInsi(), NOW, test=True), Document.PASSPORT, "Pharmacist", NOW)
    spoilt = spoil(qualified)
    assert (spoilt.status, spoilt.ins, spoilt.claimed) == (IdentityStatus.PROVISIONAL, None, None)
    assert transmittable(spoilt, send_ins=True) is None


async def test_a_doubtful_identity_is_neither_looked_up_nor_validated() -> None:
    service = SimulatedInsi()
    doubtful = doubt(identity(), "Pharmacist", NOW)
    assert await refused(doubtful, service) == "identity-doubtful"
    assert service.calls == 0
    with pytest.raises(IdentityError):
        see_document(doubtful, Document.PASSPORT, "Pharmacist", NOW)


async def test_no_number_leaves_unless_qualified_and_allowed() -> None:
    service = SimulatedInsi()
    read = confirm(candidate(), "Pharmacist", NOW)
    retrieved = await look_up(read, service, NOW, test=True)
    qualified = see_document(retrieved, Document.PASSPORT, "Pharmacist", NOW)
    allowed = [transmittable(who, send_ins=True) is not None for who in (read, retrieved, qualified)]
    assert allowed == [False, False, True]
    assert as_patient(qualified, "local-1").ins is None
    assert as_patient(qualified, "local-1", send_ins=True).ins == candidate().identifiers[0]


def test_the_insured_person_s_number_is_never_taken_for_the_patient_s() -> None:
    child = typed.read("Durand", "Paul", "2015-03-02", "male", "253072A07300443")
    assert confirm(child, "Pharmacist", NOW).claimed is None
    wrong_key = typed.read("Nametest", "First", "1918-05-02", "male", "118058599124123")
    assert confirm(wrong_key, "Pharmacist", NOW).claimed is None


def test_nobody_is_confirmed_without_a_name_or_a_helper() -> None:
    for who, helper, reason in (
        (replace(candidate(), family_name=" "), "Pharmacist", "identity-without-name"),
        (candidate(), "", "helper-unknown"),
    ):
        with pytest.raises(IdentityError) as caught:
            confirm(who, helper, NOW)
        assert caught.value.reason == reason


async def test_an_identity_hides_itself_and_its_history_holds_no_value() -> None:
    who = see_document(
        await look_up(confirm(candidate(), "Pharmacist", NOW), SimulatedInsi(), NOW, test=True), Document.PASSPORT, "Ph", NOW
    )
    for secret in ("GARCIA", "SARAH", "277010115400329", "1977"):
        assert secret not in f"{who}{who!r}{who.history}"

"""Who the patient is, and how far that was checked: from a candidate that the helper confirms to a qualified INS identity. Sans-IO but for INSi.

Source: RNIV (French national identity-vigilance rules): provisional, retrieved (INSi answered), validated (a person saw a high-trust document),
qualified (both). What the booth reads is always provisional. The INS number may leave only when the identity is qualified, and by default
no number leaves at all.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

from drivers.cards.traits import REAL_INS, TEST_INS, nir_matches
from drivers.identity import Check
from kiosk.consultation.child_limits import ADULT, youngest
from kiosk_fhir.context import IdentityStatus, Patient

if TYPE_CHECKING:
    from datetime import date, datetime

    from drivers.identity import Identifier, IdentityCandidate, Trust


class IdentityEvent(StrEnum):
    """What may happen to an identity."""

    INS_FOUND = "ins-found"
    INS_REFUTED = "ins-refuted"
    DOCUMENT_SEEN = "document-seen"
    CORRECTED = "corrected"
    DOUBTED = "doubted"


_S, _E = IdentityStatus, IdentityEvent

INS_TRANSITIONS: Final[dict[tuple[IdentityStatus, IdentityEvent], IdentityStatus]] = {
    (_S.PROVISIONAL, _E.INS_FOUND): _S.RETRIEVED,
    (_S.RETRIEVED, _E.INS_FOUND): _S.RETRIEVED,
    (_S.VALIDATED, _E.INS_FOUND): _S.QUALIFIED,
    (_S.QUALIFIED, _E.INS_FOUND): _S.QUALIFIED,
    (_S.PROVISIONAL, _E.DOCUMENT_SEEN): _S.VALIDATED,
    (_S.RETRIEVED, _E.DOCUMENT_SEEN): _S.QUALIFIED,
    (_S.VALIDATED, _E.DOCUMENT_SEEN): _S.VALIDATED,
    (_S.QUALIFIED, _E.DOCUMENT_SEEN): _S.QUALIFIED,
    (_S.PROVISIONAL, _E.INS_REFUTED): _S.PROVISIONAL,
    (_S.RETRIEVED, _E.INS_REFUTED): _S.PROVISIONAL,
    (_S.VALIDATED, _E.INS_REFUTED): _S.VALIDATED,
    (_S.QUALIFIED, _E.INS_REFUTED): _S.VALIDATED,
    **{(status, _E.CORRECTED): _S.PROVISIONAL for status in _S},
    **{(status, _E.DOUBTED): _S.PROVISIONAL for status in _S},
}

#: the words of the screen, French then English
STATUS_WORDS: Final = {
    _S.PROVISIONAL: ("provisoire", "provisional"),
    _S.RETRIEVED: ("récupérée", "retrieved"),
    _S.VALIDATED: ("validée", "validated"),
    _S.QUALIFIED: ("qualifiée", "qualified"),
}


class Document(StrEnum):
    """What the helper saw of the patient."""

    PASSPORT = "passport"
    IDENTITY_CARD = "identity-card"
    RESIDENCE_PERMIT = "residence-permit"
    VITALE_CARD = "vitale-card"
    DRIVING_LICENCE = "driving-licence"
    OTHER = "other"


#: documents that RNIV trusts to validate an identity; a Vitale card names the insured and is none of them
HIGH_TRUST: Final = frozenset({Document.PASSPORT, Document.IDENTITY_CARD, Document.RESIDENCE_PERMIT})


class IdentityError(ValueError):
    """The step is not allowed. `reason` is the text key for the screen; the text holds nothing of the identity."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class InsiError(Exception):
    """INSi gave no answer. `reason`: "insi-unavailable", "insi-refused" or "insi-deadline"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class InsiOutcome(StrEnum):
    """How many identities INSi found."""

    ONE = "one"
    NONE = "none"
    SEVERAL = "several"


@dataclass(frozen=True, slots=True)
class InsTraits:
    """Strict traits, with the number where they come from INSi."""

    family_name: str = field(repr=False)
    given_names: tuple[str, ...] = field(repr=False)
    birth_date: str = field(repr=False)
    sex: str = field(repr=False)
    birth_place: str = field(repr=False, default="")
    ins: Identifier | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True)
class InsiAnswer:
    """What INSi answers to a search: the official traits when there is exactly one identity."""

    outcome: InsiOutcome
    traits: InsTraits | None = None


class InsiService(Protocol):
    """The two calls of INSi that a booth needs. The real one needs an accreditation: only a simulated one is shipped."""

    async def search(self, traits: InsTraits) -> InsiAnswer:
        """Find the INS by birth name, one given name, sex and birth date (birth place where known). Raises InsiError."""

    async def verify(self, traits: InsTraits) -> bool:
        """Whether the number and all traits are those of one person. Raises InsiError."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to the identity: for the act record, without any of its values."""

    event: str
    by: str
    at: datetime
    detail: str = ""


@dataclass(frozen=True, slots=True)
class PatientIdentity:
    """The identity that the helper confirmed. `ins` comes from INSi alone, or from a code that INSi verified; `claimed` is what a code said."""

    source: str
    trust: Trust
    family_name: str = field(repr=False)
    given_names: tuple[str, ...] = field(repr=False)
    birth_date: str = field(repr=False)
    sex: str = field(repr=False)
    birth_place: str = field(repr=False, default="")
    status: IdentityStatus = IdentityStatus.PROVISIONAL
    ins: Identifier | None = field(repr=False, default=None)
    claimed: Identifier | None = field(repr=False, default=None)
    doubtful: bool = False
    history: tuple[Step, ...] = ()

    @property
    def label(self) -> str:
        """How the screens name the patient."""
        return f"{' '.join(self.given_names)} {self.family_name.upper()}"


def confirm(candidate: IdentityCandidate, helper: str, now: datetime) -> PatientIdentity:
    """Make the identity of the candidate that the helper chose and the patient agreed to. It is provisional, whatever it came from.

    Raises:
        IdentityError: "identity-without-name", or "helper-unknown" when nobody answers for it.
    """
    if not candidate.family_name.strip():
        raise IdentityError("identity-without-name")
    if not helper.strip():
        raise IdentityError("helper-unknown")
    own = [
        one
        for one in candidate.identifiers
        if one.system in REAL_INS | TEST_INS and one.belongs_to == "patient" and one.check is not Check.BAD
    ]
    return PatientIdentity(
        source=candidate.driver,
        trust=candidate.trust,
        family_name=candidate.family_name,
        given_names=candidate.given_names,
        birth_date=candidate.birth_date or "",
        sex=candidate.sex,
        birth_place=candidate.birth_place or "",
        claimed=own[0] if own else None,
        history=(Step("confirmed", helper, now, candidate.driver),),
    )


def same_person(identity: PatientIdentity, candidate: IdentityCandidate) -> bool:
    """Whether a candidate names the patient of an identity: birth name, first given name, birth date, and sex where both sources tell it."""
    given, other = (plain(" ".join(names)).split()[:1] for names in (identity.given_names, candidate.given_names))
    sexes = {identity.sex, candidate.sex} - {"unknown"}
    return (
        plain(identity.family_name) == plain(candidate.family_name)
        and given == other
        and identity.birth_date == (candidate.birth_date or "")
        and len(sexes) < 2
    )


def minor(birth_date: str, today: date) -> bool:
    """Whether somebody born on this ISO date, partial or "", may be under 18. An unknown date says nothing."""
    age = youngest(birth_date, today)
    return age is not None and age < ADULT


def see_document(identity: PatientIdentity, document: Document, helper: str, now: datetime) -> PatientIdentity:
    """The helper compared the traits with a document. Only a high-trust one validates.

    Raises:
        IdentityError: "document-not-trusted", or "identity-doubtful" while the doubt stands.
    """
    if document not in HIGH_TRUST:
        raise IdentityError("document-not-trusted")
    if identity.doubtful:
        raise IdentityError("identity-doubtful")
    return _step(identity, IdentityEvent.DOCUMENT_SEEN, helper, now, document)


def correct(identity: PatientIdentity, helper: str, now: datetime, **traits: str | tuple[str, ...]) -> PatientIdentity:
    """Change traits by hand (`family_name`, `given_names`, `birth_date`, `sex`, `birth_place`). What was checked before is void, numbers too.

    Raises:
        IdentityError: "trait-unknown".
    """
    if not traits or not set(traits) <= {"family_name", "given_names", "birth_date", "sex", "birth_place"}:
        raise IdentityError("trait-unknown")
    changed = replace(identity, ins=None, claimed=None, **traits)  # type: ignore[arg-type]
    return _step(changed, IdentityEvent.CORRECTED, helper, now, " ".join(sorted(traits)))


def misspelt(identity: PatientIdentity, candidate: IdentityCandidate) -> bool:
    """Whether a candidate may be the same person written better: of birth name, first given name, birth date and sex one differs at most."""
    given, other = (plain(" ".join(names)).split()[:1] for names in (identity.given_names, candidate.given_names))
    same = (
        plain(identity.family_name) == plain(candidate.family_name),
        given == other,
        identity.birth_date == (candidate.birth_date or ""),
        identity.sex == candidate.sex or "unknown" in (identity.sex, candidate.sex),
    )
    return same.count(False) <= 1


def doubt(identity: PatientIdentity, helper: str, now: datetime) -> PatientIdentity:
    """The helper doubts who this is: provisional, without numbers, and INSi is not asked any more."""
    return _step(replace(identity, ins=None, claimed=None, doubtful=True), IdentityEvent.DOUBTED, helper, now)


async def look_up(identity: PatientIdentity, service: InsiService, now: datetime, *, test: bool = False) -> PatientIdentity:
    """Ask INSi: verify the number that a code claims, or search by traits. The official traits and number are taken only when they fit.

    `test`: this booth works with test identities, and takes those alone.

    Raises:
        IdentityError: "identity-doubtful"; "identity-incomplete" when INSi needs more traits; "ins-not-found", "ins-several",
            "ins-differs" when INSi's traits are not this patient's; "ins-test-identity" or "ins-real-identity".
        InsiError: INSi gave no answer; nothing changes.
    """
    if identity.doubtful:
        raise IdentityError("identity-doubtful")
    traits = InsTraits(
        identity.family_name, identity.given_names, identity.birth_date, identity.sex, identity.birth_place, identity.claimed
    )
    if not identity.given_names or len(identity.birth_date) != 10 or identity.sex not in {"male", "female"}:
        raise IdentityError("identity-incomplete")
    if identity.claimed is not None:
        return await _verify(identity, traits, service, now, test=test)
    answer = await service.search(traits)
    if answer.outcome is InsiOutcome.SEVERAL:
        raise IdentityError("ins-several")
    official = answer.traits
    if answer.outcome is InsiOutcome.NONE or official is None or official.ins is None:
        raise IdentityError("ins-not-found")
    if not _fits(traits, official):
        raise IdentityError("ins-differs")
    _check_system(official.ins, test=test)
    found = replace(
        identity,
        family_name=official.family_name,
        given_names=official.given_names,
        birth_date=official.birth_date,
        sex=official.sex,
        birth_place=official.birth_place,
        ins=official.ins,
    )
    return _step(found, IdentityEvent.INS_FOUND, "insi", now)


async def _verify(identity: PatientIdentity, traits: InsTraits, service: InsiService, now: datetime, *, test: bool) -> PatientIdentity:
    if traits.ins is not None:
        _check_system(traits.ins, test=test)
    if await service.verify(traits):
        return _step(replace(identity, ins=traits.ins), IdentityEvent.INS_FOUND, "insi", now)
    return _step(replace(identity, ins=None, claimed=None), IdentityEvent.INS_REFUTED, "insi", now)


def transmittable(identity: PatientIdentity, *, send_ins: bool) -> Identifier | None:
    """The number that may leave the booth: the INS of a qualified identity where the operator allows it, else none."""
    return identity.ins if send_ins and identity.status is IdentityStatus.QUALIFIED else None


def as_patient(identity: PatientIdentity, local_id: str, *, send_ins: bool = False) -> Patient:
    """The patient as the specialist sees them: the booth's own number, and by default no other."""
    return Patient(
        local_id=local_id,
        family_name=identity.family_name,
        given_names=identity.given_names,
        birth_date=identity.birth_date,
        sex=identity.sex,
        birth_place=identity.birth_place if re.fullmatch(r"(?:[0-9]{2}|2[AB])[0-9]{3}", identity.birth_place) else "",
        ins=transmittable(identity, send_ins=send_ins),
        status=identity.status,
    )


def _step(identity: PatientIdentity, event: IdentityEvent, by: str, now: datetime, detail: str = "") -> PatientIdentity:
    status = INS_TRANSITIONS[identity.status, event]
    return replace(identity, status=status, history=(*identity.history, Step(event, by, now, detail)))


def _check_system(ins: Identifier, *, test: bool) -> None:
    if ins.system in TEST_INS and not test:
        raise IdentityError("ins-test-identity")
    if ins.system in REAL_INS and test:
        raise IdentityError("ins-real-identity")


def plain(name: str) -> str:
    """A name as INSi compares it: capitals without accents, hyphens and apostrophes as spaces."""
    letters = unicodedata.normalize("NFKD", name.upper().replace("Œ", "OE").replace("Æ", "AE"))
    kept = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(kept.replace("-", " ").replace("'", " ").replace("’", " ").split())


def _fits(asked: InsTraits, official: InsTraits) -> bool:
    given = plain(" ".join(asked.given_names)).split()
    official_given = plain(" ".join(official.given_names)).split()
    same = plain(asked.family_name) == plain(official.family_name) and given == official_given[: len(given)]
    number_fits = official.ins is None or nir_matches(official.ins.value.reveal(), official.sex, official.birth_date) is not False
    return same and asked.birth_date == official.birth_date and asked.sex == official.sex and number_fits

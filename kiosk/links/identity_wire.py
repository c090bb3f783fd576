"""What the processes that read cards and codes say to the agent: one JSON object a line, over pipes. The only place where a number leaves `Number`."""

from __future__ import annotations

import json
from typing import Any

from drivers.cards.card import Policy
from drivers.identity import CardError, CardProblem, Check, CodeError, CodeProblem, Identifier, IdentityCandidate, Number, Trust

#: a camera gives pictures; codes are looked for from now on
UP = b"up\n"


def request(policy: Policy, reader: str | None, professional_readers: tuple[str, ...]) -> bytes:
    """The one line that a reading process is asked with."""
    return _line(
        {
            "vitale_legal_basis": policy.vitale_legal_basis,
            "anchors": [anchor.hex() for anchor in policy.anchors],
            "vitale_api": policy.vitale_api,
            "reader": reader,
            "professional_readers": professional_readers,
        }
    )


def requested(line: bytes) -> tuple[Policy, str | None, tuple[str, ...]]:
    """What `request` made."""
    said = json.loads(line)
    anchors = tuple(bytes.fromhex(anchor) for anchor in said["anchors"])
    policy = Policy(said["vitale_legal_basis"], anchors, said["vitale_api"])
    return policy, said["reader"], tuple(said["professional_readers"])


def answer(outcome: tuple[IdentityCandidate, ...] | CardError | CodeError) -> bytes:
    """The one line of a reading process that says who it may be, or why nobody was found."""
    if isinstance(outcome, CardError | CodeError):
        kind = "error" if isinstance(outcome, CardError) else "refused"
        return _line({kind: outcome.reason, "detail": str(outcome).partition(": ")[2]})
    return _line({"candidates": [_candidate(candidate) for candidate in outcome]})


def answered(line: bytes) -> tuple[IdentityCandidate, ...]:
    """What `answer` made.

    Raises:
        CardError: the process answered with one.
        CodeError: likewise.
    """
    said = json.loads(line)
    if "refused" in said:
        raise CodeError(CodeProblem(said["refused"]), said["detail"])
    if "error" in said:
        raise CardError(CardProblem(said["error"]), said["detail"])
    return tuple(_from_json(candidate) for candidate in said["candidates"])


def _line(said: dict[str, Any]) -> bytes:
    return json.dumps(said).encode() + b"\n"


def _candidate(candidate: IdentityCandidate) -> dict[str, Any]:
    return {
        "driver": candidate.driver,
        "trust": candidate.trust,
        "family_name": candidate.family_name,
        "given_names": candidate.given_names,
        "birth_date": candidate.birth_date,
        "sex": candidate.sex,
        "birth_place": candidate.birth_place,
        "identifiers": [(one.system, one.value.reveal(), one.check, one.belongs_to) for one in candidate.identifiers],
        "warnings": candidate.warnings,
    }


def _from_json(said: dict[str, Any]) -> IdentityCandidate:
    return IdentityCandidate(
        driver=said["driver"],
        trust=Trust(said["trust"]),
        family_name=said["family_name"],
        given_names=tuple(said["given_names"]),
        birth_date=said["birth_date"],
        sex=said["sex"],
        birth_place=said["birth_place"],
        identifiers=tuple(Identifier(system, Number(value), Check(check), owner) for system, value, check, owner in said["identifiers"]),
        warnings=tuple(said["warnings"]),
    )

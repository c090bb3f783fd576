"""A simulated INSi: answers searches and verifications from a small made-up registry, as the national service would. Simulated, never the real one.

All numbers carry the test system (INS-NIR-TEST), so a booth in service refuses them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.cards.traits import NIR_TEST, identifier
from kiosk.consultation.identity import InsiAnswer, InsiError, InsiOutcome, InsTraits, plain

if TYPE_CHECKING:
    from collections.abc import Iterable


def _person(family: str, given: str, born: str, sex: str, place: str, number: str) -> InsTraits:
    return InsTraits(family, tuple(given.split()), born, sex, place, identifier(NIR_TEST, number))


#: fictional people; DOMINIQUE PAT-TROIS and her number are the ANS's own test patient
REGISTRY = (
    _person("PAT-TROIS", "DOMINIQUE", "1979-03-28", "female", "51215", "279035121518989"),
    _person("GARCIA-HAMMADI", "SARAH-LOU ANNA", "1977-01-21", "female", "01154", "277010115400329"),
    _person("DURAND", "ANNE MARIE", "1953-07-14", "female", "2A073", "253072A07300443"),
    _person("DURAND", "ANNE LOUISE", "1953-07-14", "female", "2B073", "253072B07300470"),
)


class SimulatedInsi:
    """Keeps the rules of the service: needs birth name, a given name, sex and a whole birth date; says one, none or several."""

    def __init__(self, registry: Iterable[InsTraits] = REGISTRY) -> None:
        self._registry = tuple(registry)
        #: what goes wrong from now on: "insi-unavailable", "insi-refused", "insi-deadline", or nothing
        self.failure = ""
        self.calls = 0

    async def search(self, traits: InsTraits) -> InsiAnswer:
        """Find by traits; the birth place narrows the search when it is given."""
        self._answer()
        if not traits.family_name or not traits.given_names or len(traits.birth_date) != 10 or traits.sex not in {"male", "female"}:
            raise InsiError("insi-refused")
        found = [person for person in self._registry if _is(traits, person)]
        if len(found) == 1:
            return InsiAnswer(InsiOutcome.ONE, found[0])
        return InsiAnswer(InsiOutcome.SEVERAL if found else InsiOutcome.NONE)

    async def verify(self, traits: InsTraits) -> bool:
        """Compare number and traits with the registry."""
        self._answer()
        return any(_is(traits, person) and traits.ins == person.ins for person in self._registry)

    def _answer(self) -> None:
        self.calls += 1
        if self.failure:
            raise InsiError(self.failure)


def _is(asked: InsTraits, person: InsTraits) -> bool:
    given = plain(" ".join(asked.given_names)).split()
    return (
        plain(asked.family_name) == plain(person.family_name)
        and given == plain(" ".join(person.given_names)).split()[: len(given)]
        and (asked.birth_date, asked.sex) == (person.birth_date, person.sex)
        and asked.birth_place in {"", person.birth_place}
    )

"""What can hardly be at a child's age: a value outside is more likely somebody else's, or a bad measurement, than the child's.

The defaults stand well outside of three standard deviations of the WHO's child growth standards (2006) and growth reference (2007) for
weight and height, and of what is seen in resuscitation for pressure and pulse. The helper decides, nothing is changed or left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kiosk.consultation.plausibility import NONE, LimitsError, Table, entries

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

ADULT: Final = 18

Settings = dict[str, dict[str, dict[str, dict[str, str]]]]


def _given(
    weight: tuple[str, str], height: tuple[str, str], systolic: tuple[str, str], diastolic: tuple[str, str], rate: tuple[str, str]
) -> Table:
    pulse = {"/min": _pair(rate)}
    pressures = {"systolic": {"mm[Hg]": _pair(systolic)}, "diastolic": {"mm[Hg]": _pair(diastolic)}}
    return entries(
        {"weight": {"kg": _pair(weight)}, "height": {"cm": _pair(height)}, "pulse-rate": pulse, "heart-rate": pulse, **pressures}
    )


def _pair(limits: tuple[str, str]) -> dict[str, str]:
    return dict(zip(("low", "high"), limits, strict=True))


#: years of age that are not reached yet -> limits
DEFAULTS: Final[dict[int, Table]] = {
    1: _given(("0.4", "18"), ("25", "95"), ("30", "160"), ("10", "110"), ("40", "300")),
    6: _given(("3", "60"), ("45", "145"), ("40", "180"), ("20", "130"), ("35", "280")),
    12: _given(("8", "120"), ("70", "190"), ("45", "210"), ("20", "150"), ("30", "260")),
    ADULT: _given(("15", "350"), ("90", "230"), ("45", "260"), ("20", "180"), ("25", "240")),
}


def tables(settings: Mapping[str, Mapping[str, Mapping[str, Mapping[str, str]]]]) -> dict[int, Table]:
    """DEFAULTS with those of `settings` in their place: years not reached yet -> vital -> unit -> limits (`plausibility.table`).

    Raises:
        LimitsError: an age that is no whole number of 1 to 18 years, or limits that cannot be used.
    """
    made = dict(DEFAULTS)
    for age, given in settings.items():
        if not age.isascii() or not age.isdigit() or not 1 <= int(age) <= ADULT:
            raise LimitsError(f"plausibility under {age}: an age is a whole number of years from 1 to {ADULT}")
        made[int(age)] = {**made.get(int(age), NONE), **entries(given)}
    return made


def youngest(birth_date: str, today: date) -> int | None:
    """Completed years of somebody born on this ISO date, partial or ""; of a partial one the fewest that it allows. None: unknown."""
    if not birth_date:
        return None
    year, month, day = (int(part) for part in (birth_date + "-12-31"[len(birth_date) - 4 :]).split("-"))
    return max(0, today.year - year - ((today.month, today.day) < (month, day)))


def at(age: int | None, made: Mapping[int, Table]) -> Table:
    """The limits at an age; none for an adult, or where the age is not known."""
    under = [years for years in sorted(made) if age is not None and age < years]
    return made[under[0]] if under else NONE

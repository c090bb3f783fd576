"""Plain checks of an identity typed by hand. Pure functions."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Literal

OLDEST_YEARS = 125

_DAY_FIRST = re.compile(r"(\d{2})[ /.-]?(\d{2})[ /.-]?(\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_NAME = re.compile(r"[^\W\d_][^\W\d_ '’.-]*(?:[ '’.-]+[^\W\d_]+)*[ .]?")


class FormError(ValueError):
    """What is wrong with what was typed; `str` is a text key of the interface."""


def birth_date(text: str, today: date) -> str:
    """ISO date of "12/05/1984", "12051984" or "1984-05-12".

    Raises:
        FormError: incomplete, no day of the calendar, in the future, or more than OLDEST_YEARS ago.
    """
    if found := _DAY_FIRST.fullmatch(text.strip()):
        day, month, year = found.groups()
    elif found := _YEAR_FIRST.fullmatch(text.strip()):
        year, month, day = found.groups()
    else:
        raise FormError("form-date-incomplete")
    try:
        born = date(int(year), int(month), int(day))
    except ValueError:
        raise FormError("form-date-impossible") from None
    if born > today:
        raise FormError("form-date-future")
    if today.year - born.year > OLDEST_YEARS:
        raise FormError("form-date-old")
    return born.isoformat()


def name(text: str, missing: str) -> str:
    """The name without outer or double spaces.

    Raises:
        FormError: empty (`missing` is the key to say), or with digits or signs that no name has.
    """
    text = " ".join(unicodedata.normalize("NFC", text).split())
    if not text:
        raise FormError(missing)
    if not _NAME.fullmatch(text):
        raise FormError("form-name-signs")
    return text


def sex(text: str) -> Literal["male", "female", "unknown"]:
    """The administrative gender that was tapped.

    Raises:
        FormError: none was.
    """
    match text:
        case "male" | "female" | "unknown":
            return text
        case _:
            raise FormError("form-sex-missing")

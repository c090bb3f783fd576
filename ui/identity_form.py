"""Plain checks of an identity typed by hand. Pure functions."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Literal

OLDEST_YEARS = 125

_DAY_FIRST = re.compile(r"(\d{2})[ /.-]?(\d{2})[ /.-]?(\d{4})")
_NAME = re.compile(r"[^\W\d_][^\W\d_ '’.-]*(?:[ '’.-]+[^\W\d_]+)*[ .]?")


class FormError(ValueError):
    """What is wrong with what was typed; `str` is a text key of the interface."""


def birth_date(text: str, today: date) -> str:
    """ISO date of "12/05/1984", "12051984" or "1984-05-12".

    Raises:
        FormError: incomplete, no day of the calendar, in the future, or more than OLDEST_YEARS ago.
    """
    text = text.strip()
    try:
        if found := _DAY_FIRST.fullmatch(text):
            day, month, year = (int(part) for part in found.groups())
            born = date(year, month, day)
        elif re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            born = date.fromisoformat(text)
        else:
            raise FormError("form-date-incomplete")
    except FormError:
        raise
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
    if text == "male" or text == "female" or text == "unknown":
        return text
    raise FormError("form-sex-missing")

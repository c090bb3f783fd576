"""The highest record number seen of each instrument, on disk: what a restarted booth must not take for new. Holds no value and no person."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import msgspec

from kiosk import durable

if TYPE_CHECKING:
    from pathlib import Path

_log = logging.getLogger(__name__)
NAME = "record-marks.json"
_decoder = msgspec.json.Decoder(dict[str, int])


class RecordMarks:
    """The file in `directory`. `kept` is what stands in it, device key -> record number: one mapping, kept up to date."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / NAME
        self.kept: dict[str, int] = {}
        try:
            self.kept = _decoder.decode(self._path.read_bytes())
        except FileNotFoundError:
            pass
        except (msgspec.ValidationError, msgspec.DecodeError):
            # without a mark a record is listed for the helper, never taken by itself: safe, so the booth starts
            _log.warning("%s is damaged and starts anew", self._path.name)

    def keep(self, marks: dict[str, int]) -> None:
        """Replace the file as a whole where `marks` differ: a power cut leaves the old one or the new one."""
        if marks == self.kept:
            return
        durable.replace(self._path, msgspec.json.encode(marks, order="sorted"))
        self.kept.clear()
        self.kept.update(marks)

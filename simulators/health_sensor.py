"""A Generic Health Sensor's memory and its control points, as two vendors' public sensors answer. Sans-IO: a command in, what the sensor sends out.

Records come in segments, each with its 32-bit number before it, and then the reply, which counts them. One vendor's sensor is busy for questions
while it sends live values. The other's knows no "newest record", no plain report, and says twice that it found nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LIVE, STORED, FEATURES, CONTROL, RECORDS, CLOCK = "2B8B", "2BDD", "2BF3", "2BF4", "2A52", "2BF2"
START, STOP = b"\x01", b"\x02"
_REPORT, _ABORT, _COUNT, _COUNTED, _REPLY, _COMBINED, _COMBINED_REPLY = 1, 3, 4, 5, 6, 7, 8
_ALL, _AT_LEAST, _NEWEST = 1, 3, 6
_SUCCESS, _NO_OP_CODE, _NO_OPERATOR, _NO_RECORDS, _BUSY = 1, 2, 4, 6, 10
#: where the 48-bit count of seconds stands in an observation with a type and a time stamp, and from when it counts
_STAMP, EPOCH = 10, datetime(2000, 1, 1)  # noqa: DTZ001 - the sensor's clock has no zone
SEGMENT = 19


def stamped(observation: bytes, time: datetime) -> bytes:
    """The same observation as made another time."""
    return observation[:_STAMP] + _count(time) + observation[_STAMP + 6 :]


def segments(data: bytes, counter: int = 0) -> list[bytes]:
    """Pieces with the header octet of the service: first, last, a counter of six bits."""
    pieces = [data[at : at + SEGMENT] for at in range(0, len(data), SEGMENT)]
    last = len(pieces) - 1
    return [bytes(((at == 0) | (at == last) << 1 | (counter + at) % 64 << 2,)) + piece for at, piece in enumerate(pieces)]


class Sensor:
    """Answers from its `records`, number to observation; `other` is the second vendor's."""

    def __init__(self, records: dict[int, bytes], *, other: bool = False) -> None:
        self._records, self._other, self.live = records, other, False

    def take(self, source: str, command: bytes) -> list[tuple[str, bytes]]:
        """What it sends for what was written, in order: characteristic and bytes."""
        if source == CONTROL:
            self.live = command == START
            return []
        request = command[0]
        if request == _ABORT:
            return [(RECORDS, bytes((_REPLY, 0, _ABORT, _SUCCESS)))]
        refusal = self._refusal(request, command[1])
        if refusal:
            return [(RECORDS, bytes((_REPLY, 0, request, refusal)))]
        chosen = self._chosen(command[1], command[2:])
        if request == _COUNT:
            return [(RECORDS, bytes((_COUNTED, 0)) + len(chosen).to_bytes(4, "little"))]
        return [*self._told(chosen), *self._end(request, len(chosen))]

    def _refusal(self, request: int, operator: int) -> int:
        if self.live and not self._other:
            return _BUSY
        if request not in ((_COUNT, _COMBINED) if self._other else (_COUNT, _COMBINED, _REPORT)):
            return _NO_OP_CODE
        return 0 if operator in ((_ALL, _AT_LEAST) if self._other else (_ALL, _AT_LEAST, _NEWEST)) else _NO_OPERATOR

    def _chosen(self, operator: int, operand: bytes) -> list[int]:
        numbers = sorted(self._records)
        if operator == _NEWEST:
            return numbers[-1:]
        least = int.from_bytes(operand[1:5], "little") if operator == _AT_LEAST else 0
        return [number for number in numbers if number >= least]

    def _told(self, numbers: Iterable[int]) -> list[tuple[str, bytes]]:
        whole = [number.to_bytes(4, "little") + self._records[number] for number in numbers]
        return [(STORED, piece) for record in whole for piece in segments(record)]

    def _end(self, request: int, found: int) -> list[tuple[str, bytes]]:
        if found and request == _COMBINED:
            return [(RECORDS, bytes((_COMBINED_REPLY, 0)) + found.to_bytes(4, "little"))]
        ends = [bytes((_REPLY, 0, request, _SUCCESS if found else _NO_RECORDS))]
        if not found and self._other:
            ends.append(bytes((_REPLY, 0, _COUNTED, 0)))
        return [(RECORDS, end) for end in ends]


def elapsed_time(time: datetime) -> bytes:
    """Current Elapsed Time (2BF2) as read, `time` in UTC: flags and source as in the published examples, no zone, status and capabilities 0."""
    return b"\x22" + _count(time) + b"\x06\x00\x00\x00"


def set_time(data: bytes) -> datetime | None:
    """The time that is written to it; None in another form than its own, or from nobody who knows it."""
    if len(data) != 9 or data[:1] != b"\x22" or data[7] in (0, 4):
        return None
    return EPOCH + timedelta(seconds=int.from_bytes(data[1:7], "little"))


def _count(time: datetime) -> bytes:
    return int((time - EPOCH).total_seconds()).to_bytes(6, "little")

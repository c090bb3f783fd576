"""A glucose meter's memory and its control point, as the Glucose Service says them. Sans-IO: a command in, what the meter sends out.

Glucose Service 1.0.1 section 3.7: the records before the reply of their report, oldest first; a count; "no records found"; abort. Erasing is
refused. The records are captured or published ones, or such a one with a later number and time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.gatt.record_access import ABORT, ALL, AT_LEAST, COUNT, COUNTED, LAST, NULL, REPLY, REPORT
from simulators.instruments import current_time

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

MEASUREMENT, CONTROL = "2A18", "2A52"
SUCCESS, NO_OP_CODE, NO_OPERATOR, NO_RECORDS, NOT_COMPLETED = 0x01, 0x02, 0x04, 0x06, 0x08


def number(record: bytes) -> int:
    """The sequence number of a record (2A18)."""
    return int.from_bytes(record[1:3], "little")


def taken(record: bytes, sequence: int, time: datetime) -> bytes:
    """The same result as measured another time: a captured record twice is one record sent twice."""
    return record[:1] + sequence.to_bytes(2, "little") + current_time(time)[:7] + record[10:]


def reply(request: int, code: int) -> bytes:
    """The response to `request`."""
    return bytes((REPLY, NULL, request, code))


class Meter:
    """Answers commands from its `records`. A `simple` one knows no question but "report the last record"."""

    def __init__(self, records: Iterable[bytes], *, simple: bool = False) -> None:
        self._records = sorted(records, key=number)
        self._simple = simple

    def answer(self, command: bytes) -> list[tuple[str, bytes]]:
        """What the meter sends, in order: characteristic and bytes."""
        request = command[0]
        if request == ABORT:
            return [(CONTROL, reply(ABORT, SUCCESS))]
        if request not in (REPORT, COUNT) or (self._simple and request == COUNT):
            return [(CONTROL, reply(request, NO_OP_CODE))]
        chosen = self._chosen(command[1], command[2:])
        if chosen is None:
            return [(CONTROL, reply(request, NO_OPERATOR))]
        if request == COUNT:
            return [(CONTROL, bytes((COUNTED, NULL)) + len(chosen).to_bytes(2, "little"))]
        if not chosen:
            return [(CONTROL, reply(REPORT, NO_RECORDS))]
        return [*((MEASUREMENT, record) for record in chosen), (CONTROL, reply(REPORT, SUCCESS))]

    @staticmethod
    def told(answer: bytes) -> bool:
        """Whether nothing more is asked after this answer: all records came, or there are none."""
        return answer in (reply(REPORT, SUCCESS), reply(REPORT, NO_RECORDS))

    def _chosen(self, operator: int, operand: bytes) -> list[bytes] | None:
        if operator == LAST:
            return self._records[-1:]
        if self._simple:
            return None
        if operator == ALL:
            return self._records
        if operator == AT_LEAST and operand[:1] == b"\x01":
            least = int.from_bytes(operand[1:3], "little")
            return [record for record in self._records if number(record) >= least]
        return None

"""Fetching stored records: the Record Access Control Point and the procedure on it.

Protocol: Record Access Control Point 0x2A52 (write, indicated) as in Glucose Service 1.0.1 section 3.7; with 32-bit record numbers in
Generic Health Sensor Service 1.0 (combined report 0x07, reply 0x08), as two vendors' public sensors answer it; and with Omron's sequence
numbers (0x10, 0x11, filter type 4).
A command is bytes; `Procedure` is the state between a command and its reply, with the time as an argument; nothing here waits or sends.
No command that deletes exists here, and none is allowed.

The link subscribes to the record characteristic and to 0x2A52 first, then writes. After the reply of a report all of its records have come:
the service sends them before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from drivers.driver import DecodeError, Driver, Gatt
from drivers.ieee11073 import Fields
from drivers.measurement import Measurement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.measurement import Frame, Reading

REPORT, ABORT, COUNT, COUNTED, REPLY, COMBINED_REPORT, COMBINED = 0x01, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08
OMRON_LATEST, OMRON_LATEST_IS = 0x10, 0x11
NULL, ALL, AT_LEAST, LAST = 0x00, 0x01, 0x03, 0x06
FILTER_SEQUENCE, FILTER_OMRON = 0x01, 0x04
#: Glucose Service 1.0.1 section 3.7.3: the procedure that takes longer is considered to have failed
TIME_OUT_S = 30.0
_REQUESTS = {REPORT: "report-records", ABORT: "abort", COUNT: "count-records", COMBINED_REPORT: "combined-report", OMRON_LATEST: "latest"}


class Result(StrEnum):
    """How a procedure ended."""

    SUCCESS = "success"
    OP_CODE_NOT_SUPPORTED = "op-code-not-supported"
    INVALID_OPERATOR = "invalid-operator"
    OPERATOR_NOT_SUPPORTED = "operator-not-supported"
    INVALID_OPERAND = "invalid-operand"
    NO_RECORDS = "no-records-found"
    ABORT_UNSUCCESSFUL = "abort-unsuccessful"
    NOT_COMPLETED = "procedure-not-completed"
    OPERAND_NOT_SUPPORTED = "operand-not-supported"
    SERVER_BUSY = "server-busy"
    TIMED_OUT = "timed-out"
    ABORTED = "aborted"


_CODES = dict(enumerate(tuple(Result)[:10], start=1))


def report_all() -> bytes:
    """Ask for every record."""
    return bytes((REPORT, ALL))


def report_last() -> bytes:
    """Ask for the newest record."""
    return bytes((REPORT, LAST))


def report_from(sequence: int, *, filter_type: int = FILTER_SEQUENCE, width: int = 2) -> bytes:
    """Ask for the records whose number is `sequence` or more; `width` bytes carry it (2 in glucose, 4 in generic health sensors)."""
    return bytes((REPORT, AT_LEAST, filter_type)) + sequence.to_bytes(width, "little")


def count_all() -> bytes:
    """Ask how many records there are."""
    return bytes((COUNT, ALL))


def count_from(sequence: int, *, filter_type: int = FILTER_SEQUENCE, width: int = 2) -> bytes:
    """Ask how many records have the number `sequence` or more."""
    return bytes((COUNT, AT_LEAST, filter_type)) + sequence.to_bytes(width, "little")


def abort() -> bytes:
    """Ask to stop what runs."""
    return bytes((ABORT, NULL))


def allowed(command: bytes) -> bool:
    """Whether a command reads, counts or aborts, and nothing else: op code 2 deletes, and so might any that is not known."""
    if command in (abort(), bytes((OMRON_LATEST, NULL))):
        return True
    if not command or command[0] not in (REPORT, COUNT, COMBINED_REPORT):
        return False
    if command[1:2] == bytes((AT_LEAST,)):
        return len(command) in (5, 7) and command[2] in (FILTER_SEQUENCE, FILTER_OMRON)
    return command[1:] in (bytes((ALL,)), bytes((LAST,)))


@dataclass(frozen=True, slots=True)
class Reply:
    """What the control point indicated: the `result` of `request`, or a `number` (of records, or with `latest` of the newest record)."""

    request: int | None = None
    result: Result | None = None
    number: int | None = None
    latest: bool = False


def reply(data: bytes) -> Reply:
    """Decode an indication of the control point. The width of a number is the service's: 2 bytes in glucose, 4 in health sensors, 1 in some.

    Raises:
        DecodeError: it is no reply, or truncated, or too long.
    """
    fields = Fields(data)
    op_code, operator = fields.u8("op code"), fields.u8("operator")
    if operator != NULL:
        raise DecodeError(f"operator 0x{operator:02x} in a reply, where 0 stands")
    if op_code == REPLY:
        request, code = fields.u8("request op code"), fields.u8("response code value")
        fields.end("response code")
        if code not in _CODES:
            raise DecodeError(f"response code 0x{code:02x} is reserved")
        return Reply(request=request, result=_CODES[code])
    if op_code not in (COUNTED, COMBINED, OMRON_LATEST_IS):
        raise DecodeError(f"op code 0x{op_code:02x} is no reply")
    width = fields.left if fields.left in (1, 4) else 2
    number = int.from_bytes(fields.take(width, "number"), "little")
    fields.end("number")
    return Reply(number=number, latest=op_code == OMRON_LATEST_IS)


class Procedure:
    """One command at a time, from `start` to its end. `deadline` is when `expire` would end it, None while nothing runs."""

    def __init__(self, time_out_s: float = TIME_OUT_S) -> None:
        self._time_out_s = time_out_s
        self._request: int | None = None
        self._aborting = False
        self.deadline: float | None = None

    @property
    def running(self) -> bool:
        """Whether a command waits for its reply."""
        return self._request is not None

    def start(self, command: bytes, now: float) -> bytes:
        """Note the command and return the bytes to write.

        Raises:
            ValueError: the command is not one that reads, counts or aborts.
            RuntimeError: another procedure runs; abort it first.
        """
        if not allowed(command):
            raise ValueError(f"the control point is never sent {command.hex(' ') or 'nothing'}")
        if command[0] == ABORT:
            return self.abort(now)
        if self.running:
            raise RuntimeError("a procedure runs already")
        self._request, self._aborting = command[0], False
        self.deadline = now + self._time_out_s
        return command

    def abort(self, now: float) -> bytes:
        """Return the bytes that stop what runs; its end comes as a reply, or by the time-out."""
        self._aborting = True
        self._request = ABORT if self._request is None else self._request
        self.deadline = now + self._time_out_s
        return abort()

    def record(self, now: float) -> None:
        """Note that a record came: the time-out counts from the last sign of life."""
        if self.running:
            self.deadline = now + self._time_out_s

    def receive(self, data: bytes) -> Reply | None:
        """Take an indication. The reply that ends the procedure is returned; one that answers nothing that runs is None.

        Raises:
            DecodeError: it is no reply; the procedure goes on.
        """
        answer = reply(data)
        if not self.running or not self._answers(answer):
            return None
        if self._aborting and answer.result is Result.SUCCESS and answer.request == ABORT:
            answer = Reply(request=self._request, result=Result.ABORTED)
        self._request, self.deadline, self._aborting = None, None, False
        return answer

    def _answers(self, answer: Reply) -> bool:
        if answer.request is not None:
            return answer.request == self._request or (self._aborting and answer.request == ABORT)
        return self._request == OMRON_LATEST if answer.latest else self._request in (COUNT, COMBINED_REPORT)

    def expire(self, now: float) -> Reply | None:
        """End the procedure when its time is over; None as long as it is not."""
        if self.deadline is None or now < self.deadline:
            return None
        ended = Reply(request=self._request, result=Result.TIMED_OUT)
        self._request, self.deadline, self._aborting = None, None, False
        return ended


@dataclass(frozen=True, slots=True)
class Questions:
    """What the control point of a service is asked, where `width` bytes carry a record's number.

    With 2 bytes (the glucose services) a report ends with a response code. With 4 (Generic Health Sensor) it is a combined report, which ends
    with the number of records that were sent. Records are told apart by their number, never by the device's clock.
    """

    width: int = 2

    def newest(self) -> bytes:
        """Report the newest record."""
        return bytes((self._report, LAST))

    def every(self) -> bytes:
        """Report all records."""
        return bytes((self._report, ALL))

    def since(self, number: int) -> bytes:
        """Report the records whose number is `number` or more."""
        return bytes((self._report,)) + report_from(self._capped(number), width=self.width)[1:]

    def count(self, number: int) -> bytes:
        """Count them."""
        return count_from(self._capped(number), width=self.width)

    @property
    def _report(self) -> int:
        return COMBINED_REPORT if self.width == 4 else REPORT

    def _capped(self, number: int) -> int:
        return min(number, (1 << 8 * self.width) - 1)


class RecordAccess(Driver):
    """What the control point answers, for the technician's eyes; the procedure itself is `Procedure`."""

    name = "record-access"
    models = ("any device with a Record Access Control Point",)
    link = Gatt(service="", indicate=("2A52",), write="2A52")
    measures = ("number-of-records",)
    proven_by: ClassVar[str] = "specification"

    def receive(self, frame: Frame) -> Iterator[Reading]:
        """Decode a reply of the control point. The newest record's number (Omron) stands in `sequence`."""
        answer = reply(frame.data)
        if answer.result is not None:
            request = _REQUESTS.get(answer.request or 0, f"op-code-{answer.request}")
            yield self.reading(frame, settled=False, flags=(f"reply-to-{request}", answer.result.value))
        elif answer.latest:
            yield self.reading(frame, settled=False, sequence=answer.number, flags=("latest-sequence-number",))
        else:
            count = Measurement("number-of-records", Decimal(answer.number or 0), "1")
            yield self.reading(frame, (count,), settled=False)

    def commands(self) -> tuple[bytes, ...]:
        """Report and count all, report the last, abort, ask Omron's newest number."""
        return (report_all(), report_last(), count_all(), abort(), bytes((OMRON_LATEST, NULL)), bytes((COMBINED_REPORT, ALL)))

    def allows(self, command: bytes) -> bool:
        """Also report and count from a record number on; never a deletion."""
        return allowed(command)

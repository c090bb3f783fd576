"""The booth's end of the line, frame by frame: what comes too early, too late or not at all, and who is told. Needs F004-20, F002-01."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from kiosk.secure.codes import Code, CodeGate
from kiosk.secure.errors import TrustError
from kiosk.secure.keys import BoothKeys
from kiosk.secure.padding import padded
from kiosk.specialist_line import SpecialistLine
from protocol import sound, specialist
from protocol.handshake import Declined, HelloBooth, handshake
from protocol.station import ECHO, HANDSHAKE, NUMBERED, PROBE, SEALED
from simulators.specialist import SpecialistHandshake, SpecialistKeys

if TYPE_CHECKING:
    from kiosk.secure.handshake import Agreement

LOST = specialist.DeviceLost("cuff", "")
PIECE = sound.Sound(0, 1.0, bytes(2 * sound.PIECE))


@dataclass
class Hears:
    """What the booth's desk is told."""

    agreements: list[Agreement] = field(default_factory=list)
    messages: list[specialist.FromSpecialist] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    def agreed(self, agreement: Agreement) -> None:
        self.agreements.append(agreement)

    def said(self, message: specialist.FromSpecialist) -> None:
        self.messages.append(message)

    def broken(self, reason: str, *, detail: str) -> None:
        assert detail
        self.reasons.append(reason)


class Ends:
    """Both ends of one line; `sent` and `by_channel` are what the booth put on either way, `now` its clock."""

    def __init__(self, version: int = 2, *, stranger: bool = False, gate: CodeGate | None = None) -> None:
        self.sent: list[tuple[int, bytes]] = []
        self.by_channel: list[bytes] = []
        self.hears, self.now, self.stranger = Hears(), 0.0, stranger
        self.page = SpecialistHandshake(SpecialistKeys(), "c1", version=version)
        self.line = SpecialistLine(
            BoothKeys(b"b" * 32),
            "c1",
            "Pharmacie",
            lambda kind, body: self.sent.append((kind, body)),
            self._admit,
            self.hears,
            gate=gate,
            by_channel=self.by_channel.append,
            now=lambda: self.now,
        )

    def _admit(self, agreement: Agreement) -> str:
        if self.stranger:
            raise TrustError("not-in-directory", "nobody knows these keys")
        return f"{agreement.name}, known here"

    def taken(self) -> list[tuple[int, bytes]]:
        """What was sent since."""
        sent, self.sent = self.sent, []
        return sent

    def finish(self) -> None:
        """The rest of the handshake, after the booth's first answer."""
        ((_, reply),) = self.taken()
        reveal = self.page.receive(reply)
        assert reveal is not None
        self.line.received(HANDSHAKE, reveal)

    def agree(self) -> None:
        """The whole handshake."""
        self.line.prepared(())
        self.line.received(HANDSHAKE, self.page.hello)
        self.finish()
        self.page.receive(self.sent.pop(0)[1])

    def seal(self, message: specialist.FromSpecialist, *, final: bool = False) -> bytes:
        assert self.page.sealer is not None
        return self.page.sealer.seal(padded(specialist.from_specialist.encode(message)), final=final)

    def read(self) -> list[bytes]:
        """What the page opens of what was sent."""
        assert self.page.opener is not None
        return [self.page.opener.open(body) for kind, body in self.taken() if kind == SEALED]

    def probed(self) -> bytes:
        """The token of the probe that the socket was sent last."""
        return [body for kind, body in self.taken() if kind == PROBE][-1]

    def to_channel(self) -> None:
        """Round trips of 10 ms by the call's channel and 200 ms by the socket, until the stream goes by the channel."""
        self.line.channel(ready=True)
        for _ in range(100):
            self.line.tick()
            probes, self.by_channel[:] = [frame for frame in self.by_channel if frame[0] == PROBE], []
            sockets = [body for kind, body in self.taken() if kind == PROBE]
            self.now += 0.01
            for probe in probes:
                self.line.heard(bytes((ECHO,)) + probe[1:] + (1).to_bytes(8))  # the page has the stream's first record
            self.now += 0.19
            for token in sockets:
                self.line.received(ECHO, token + bytes(8))
            self.now += 0.1
            if self.line.on_channel:
                return
        raise AssertionError("the stream stays on the socket")


def agreed(version: int = 2) -> Ends:
    """Both have agreed, and what the booth says first of all is read."""
    ends = Ends(version)
    ends.agree()
    ends.read()
    return ends


# --- before both have agreed --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("before", "answered"), [(0, True), (3, True), (4, False)])
def test_what_the_page_says_before_the_call_is_prepared_is_heard_then_four_frames_of_it(before: int, answered: bool) -> None:
    ends = Ends()
    for _ in range(before):
        ends.line.received(ECHO, bytes(16))
    ends.line.received(HANDSHAKE, ends.page.hello)
    assert ends.sent == []
    ends.line.prepared(())
    assert len(ends.sent) == answered
    if answered:
        ends.finish()
        assert len(ends.hears.agreements) == 1


def test_a_call_that_is_prepared_twice_changes_nothing_in_the_handshake() -> None:
    ends = Ends()
    ends.line.prepared(("sha-256 AB",))
    ends.line.prepared(())
    ends.line.received(HANDSHAKE, ends.page.hello)
    hello = handshake.decode(ends.sent[0][1])
    assert isinstance(hello, HelloBooth)
    assert hello.fingerprints == ("sha-256 AB",)
    ends.line.prepared(())
    ends.finish()
    assert len(ends.hears.agreements) == 1


def test_what_is_still_under_way_from_the_stream_before_is_passed_over() -> None:
    ends = Ends()
    ends.line.prepared(())
    for kind in (SEALED, ECHO):
        ends.line.received(kind, bytes(16))
    ends.line.heard(bytes((ECHO,)) + bytes(16))
    ends.line.channel(ready=True)
    ends.line.tick()
    assert (ends.sent, ends.by_channel, ends.hears.reasons) == ([], [], [])
    assert (ends.line.late, ends.line.on_channel, ends.line.ended) == (False, False, False)
    assert not ends.line.send(LOST)
    assert not ends.line.send_sound(PIECE)
    ends.agree()
    assert len(ends.hears.agreements) == 1


def test_a_page_that_nobody_admits_is_told_so_and_nothing_else() -> None:
    ends = Ends(stranger=True)
    ends.agree()
    assert ends.page.declined == "not-in-directory"
    assert (ends.sent, ends.hears.reasons, ends.hears.agreements) == ([], ["not-in-directory"], [])
    assert ends.line.agreement is None


def test_who_is_admitted_has_the_name_that_the_booth_knows() -> None:
    assert agreed().hears.agreements[0].name == "Dr Essai, known here"


def test_a_page_without_the_code_is_told_so_and_one_that_breaks_the_handshake_is_not() -> None:
    ends = Ends(gate=CodeGate((Code("48213", b"907264", "typed"),), expires=900.0, now=lambda: 0.0))
    ends.line.prepared(())
    ends.line.received(HANDSHAKE, ends.page.hello)
    assert [handshake.decode(body) for _, body in ends.sent] == [Declined("code-missing")]
    assert ends.hears.reasons == ["code-missing"]
    other = Ends()
    other.line.prepared(())
    other.line.received(HANDSHAKE, b"{}")
    assert (other.sent, other.hears.reasons) == ([], ["bad-message"])


# --- while both are there -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [1, 2])
def test_each_page_is_written_to_in_the_form_of_its_version(version: int) -> None:
    ends = agreed(version)
    curve = specialist.Curve("ble:x", "pleth", 0, (1, 2, 3), 10.0, 1.0)
    assert ends.line.send(curve)
    (text,) = ends.read()
    assert text.startswith(b"{") is (version == 1), "an older page reads no frames of octets"
    assert specialist.from_booth.decode(text) == curve


def test_what_is_heard_goes_to_the_patient_as_octets_of_one_size() -> None:
    ends = agreed()
    assert ends.line.send_sound(PIECE)
    assert ends.line.send_sound(PIECE)
    assert ends.read() == [sound.encode(PIECE)] * 2


def test_a_frame_of_unknown_kind_ends_the_line_and_is_said_once() -> None:
    ends = agreed()
    for _ in range(2):
        ends.line.received(250, b"")
    ends.line.received(SEALED, ends.seal(specialist.Text("encore", 1)))
    ends.line.left()
    assert (ends.hears.reasons, ends.hears.messages) == (["bad-message"], [])
    assert not ends.line.send(LOST)
    assert not ends.line.send_sound(PIECE)
    ends.line.tick()
    assert ends.sent == []


def test_probes_tell_that_the_page_reads_late() -> None:
    ends = agreed()
    for trip in (0.1, 1.0):
        ends.line.tick()
        token = ends.probed()
        assert not ends.line.late
        ends.now += trip
        ends.line.received(ECHO, token + bytes(8))
        ends.now += 1.0
    assert ends.line.late


def test_the_faster_channel_of_the_call_carries_the_stream_and_the_socket_its_end() -> None:
    ends = agreed()
    assert not ends.line.on_channel
    ends.to_channel()
    ends.by_channel.clear()
    assert ends.line.send(LOST)
    assert [frame[0] for frame in ends.by_channel] == [NUMBERED]
    assert ends.taken() == []
    assert ends.line.send(specialist.Ended(""), final=True)
    assert {kind for kind, _ in ends.taken()} == {NUMBERED}
    assert not ends.line.on_channel


def test_without_its_channel_the_stream_goes_by_the_socket_again_with_what_the_page_may_lack() -> None:
    ends = agreed()
    ends.to_channel()
    ends.line.send(LOST)
    ends.line.channel(ready=False)
    assert not ends.line.on_channel
    assert [kind for kind, _ in ends.taken()] == [NUMBERED]


def test_the_channel_of_a_line_that_is_over_brings_nothing_back() -> None:
    ends = agreed()
    ends.to_channel()
    ends.line.send(LOST)
    ends.line.left()
    ends.line.channel(ready=False)
    assert ends.taken() == []


def test_by_the_channel_nothing_but_the_answer_to_a_probe_is_heard() -> None:
    ends = agreed()
    ends.line.channel(ready=True)
    ends.line.tick()
    (probe,) = ends.by_channel
    ends.line.heard(bytes((SEALED,)) + ends.seal(specialist.Text("par le canal", 1)))
    ends.line.heard(bytes((PROBE,)) + probe[1:] + bytes(8))
    ends.line.heard(b"")
    assert (ends.hears.messages, ends.hears.reasons) == ([], [])


# --- the end ------------------------------------------------------------------------------------------------------------------------------


def test_the_booth_ends_the_line_with_its_final_message_and_says_nothing_after_it() -> None:
    ends = agreed()
    assert ends.line.send(specialist.Ended(""), final=True)
    assert not ends.line.send(LOST)
    assert not ends.line.send_sound(PIECE)
    (last,) = ends.read()
    assert specialist.from_booth.decode(last) == specialist.Ended("")
    assert ends.page.opener is not None
    assert ends.page.opener.ended


def test_a_page_that_asks_again_after_the_booth_has_ended_is_sent_nothing() -> None:
    ends = agreed()
    assert ends.line.send(specialist.Text("un", 1)), "kept until the page has said how far it is"
    ends.line.send(specialist.Ended(""), final=True)
    ends.read()
    ends.line.received(SEALED, ends.seal(specialist.Resume(log="page", of="", received=0)))
    assert (ends.sent, ends.hears.reasons) == ([], [])


def test_what_comes_after_the_page_s_final_message_is_not_heard_and_no_incident() -> None:
    ends = agreed()
    assert not ends.line.ended
    ends.line.received(SEALED, ends.seal(specialist.Leave(), final=True))
    assert ends.line.ended
    ends.line.received(SEALED, b"anything")
    ends.line.left()
    assert (ends.hears.messages, ends.hears.reasons) == ([specialist.Leave()], [])


@pytest.mark.parametrize("both_agreed", [True, False])
def test_a_page_that_leaves_without_a_word_is_an_incident_once(both_agreed: bool) -> None:
    ends = Ends()
    if both_agreed:
        ends.agree()
    else:
        ends.line.prepared(())
        ends.line.received(HANDSHAKE, ends.page.hello)
    ends.line.left()
    ends.line.left()
    assert ends.hears.reasons == ["stream-cut" if both_agreed else "handshake-cut"]


def test_a_page_that_leaves_before_it_has_said_anything_is_no_incident() -> None:
    ends = Ends()
    ends.line.left()
    assert ends.hears.reasons == []

"""The consultation's table. Needs F004-27, F002-11, F000-46, F000-27."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from drivers.cards import typed
from drivers.measurement import Instant
from kiosk.consultation.identity import confirm
from kiosk.consultation.session import TRANSITIONS, Consultation, Event, NotAllowedError, State, opened, step

NOW = Instant(10.0, datetime(2026, 1, 12, 10, tzinfo=UTC))
PATIENT = confirm(typed.read("Martin", "Jeanne", "1950-04-02", "female"), "Zoë", NOW.wall)


def consented() -> Consultation:
    consultation = replace(step(opened("c1", "A12", NOW), Event.IDENTIFY), patient=PATIENT, triage=False)
    consultation = replace(step(consultation, Event.INFORM), consents={"act": True, "sharing": True})
    return step(consultation, Event.CONSENT)


def test_a_whole_consultation() -> None:
    consultation = consented()
    for event, state in (
        (Event.WAIT, State.WAITING),
        (Event.JOIN, State.IN_CALL),
        (Event.PAUSE, State.PAUSED),
        (Event.RESUME, State.IN_CALL),
        (Event.END, State.CLOSING),
        (Event.ERASE, State.ERASED),
        (Event.NEXT, State.IDLE),
    ):
        consultation = step(consultation, event)
        assert consultation.state is state


def test_the_emergency_list_cannot_be_skipped() -> None:
    identified = step(opened("c1", "A12", NOW), Event.IDENTIFY)
    with pytest.raises(NotAllowedError, match="emergency list"):
        step(identified, Event.INFORM)


@pytest.mark.parametrize("consents", [{}, {"act": True}, {"sharing": True}, {"act": True, "sharing": False}])
def test_nothing_goes_on_without_both_consents(consents: dict[str, bool]) -> None:
    informed = step(replace(step(opened("c1", "A12", NOW), Event.IDENTIFY), triage=False), Event.INFORM)
    with pytest.raises(NotAllowedError, match="both needed"):
        step(replace(informed, consents=consents), Event.CONSENT)


def test_every_state_can_be_reached_and_every_running_one_ended() -> None:
    reached = {State.IDLE} | set(TRANSITIONS.values())
    assert reached == set(State)
    for state in State:
        if replace(Consultation(), state=state).running:
            assert TRANSITIONS[state, Event.END] is State.CLOSING


def test_what_the_table_does_not_hold_is_refused_and_changes_nothing() -> None:
    for state in State:
        for event in Event:
            if (state, event) not in TRANSITIONS:
                with pytest.raises(NotAllowedError):
                    step(replace(consented(), state=state), event)


def test_a_patient_masks_itself() -> None:
    assert "Martin" not in repr(consented())
    assert "1950" not in repr(PATIENT)

"""Exam cameras and photographs at the desk. Needs F000-37, F002-06, F002-22."""

import base64
import hashlib
import json
from pathlib import Path

import pytest

from kiosk.call.photo import decoded, encoded
from kiosk.consultation.erase import forms, search
from kiosk.secure.parts import whole_of
from kiosk_fhir.check import check_bundle
from protocol import engine, screen, specialist, station
from tests.kiosk.booth_rig import KEYS, Desk
from tests.kiosk.specialist_rig import Doctor, part_of

JPEG = Path(__file__).parents[1] / "vectors" / "photo" / "DSCN0010.jpg"
EXAMS = {"otoscope": "none", "dermatoscope": "none"}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, exam_cameras=EXAMS)


@pytest.fixture
def doctor(desk: Desk) -> Doctor:
    desk.to_consented()
    desk.tap(screen.Wait())
    made = Doctor(desk)
    made.join()
    desk.tap(screen.Consent("photos", given=True))
    return made


def sources(desk: Desk) -> engine.Sources:
    return next(message for message in reversed(desk.ports.called) if isinstance(message, engine.Sources))


def told(doctor: Doctor) -> specialist.ExamCameras:
    return next(message for message in reversed(doctor.heard) if isinstance(message, specialist.ExamCameras))


def entries(desk: Desk, kind: str) -> list[dict[str, object]]:
    return [entry["data"] for entry in desk.booth._case.record.entries if entry["kind"] == kind]


def take(desk: Desk, jpeg: bytes, width: int = 640, height: int = 480) -> str:
    """Play the call process: the photograph that was ordered, in pieces."""
    order = next(message for message in reversed(desk.ports.called) if isinstance(message, engine.TakePhoto))
    pieces = [jpeg[at : at + 65_536] for at in range(0, len(jpeg), 65_536)]
    for number, piece in enumerate(pieces):
        desk.booth.from_call(engine.PhotoPart(order.id, number, len(pieces), width, height, piece))
    desk.booth.tick()
    return order.id


def photograph(desk: Desk) -> tuple[str, bytes]:
    jpeg = encoded(decoded(JPEG.read_bytes())).jpeg
    desk.tap(screen.Photograph())
    return take(desk, jpeg), jpeg


def test_the_specialist_asks_and_nothing_of_it_leaves_before_the_patients_touch(desk: Desk, doctor: Doctor) -> None:
    assert told(doctor).cameras == ("otoscope", "dermatoscope")
    desk.tap(screen.Media(camera=True, microphone=True))
    doctor.say(specialist.ShowCamera(camera="otoscope"))
    assert sources(desk) == engine.Sources(camera=True, microphone=True, exam="", seen="otoscope")
    assert (desk.view.exam.camera, desk.view.exam.state, desk.view.exam.by) == ("otoscope", "asked", "specialist")
    assert told(doctor).state == "asked"
    desk.tap(screen.ShowExam(given=True))
    assert sources(desk) == engine.Sources(camera=True, microphone=True, exam="otoscope", seen="otoscope")
    assert told(doctor).state == "shown"
    assert entries(desk, "exam-camera") == [{"camera": "otoscope", "given": True}]
    doctor.say(specialist.ShowCamera(camera=""))
    assert sources(desk) == engine.Sources(camera=True, microphone=True)
    assert desk.view.exam.state == ""


def test_a_refusal_is_said_and_changes_nothing(desk: Desk, doctor: Doctor) -> None:
    doctor.say(specialist.ShowCamera(camera="dermatoscope"))
    desk.tap(screen.ShowExam(given=False))
    assert sources(desk) == engine.Sources(camera=False, microphone=False)
    assert (told(doctor).state, told(doctor).refused) == ("", "dermatoscope")
    assert not any(isinstance(message, engine.Sources) and message.exam for message in desk.ports.called)


def test_another_camera_is_another_question(desk: Desk, doctor: Doctor) -> None:
    doctor.say(specialist.ShowCamera(camera="otoscope"))
    desk.tap(screen.ShowExam(given=True), screen.ExamCamera("dermatoscope"))
    assert (sources(desk).exam, sources(desk).seen) == ("", "dermatoscope")
    assert (desk.view.exam.state, desk.view.exam.by) == ("asked", "booth")


@pytest.mark.parametrize("end", [screen.Pause(paused=True), screen.ExamCamera(""), screen.End()])
def test_it_is_over_with_a_pause_the_end_or_one_touch(desk: Desk, doctor: Doctor, end: screen.FromScreen) -> None:
    doctor.say(specialist.ShowCamera(camera="otoscope"))
    desk.tap(screen.ShowExam(given=True), end)
    last = desk.ports.called[-1] if isinstance(end, screen.End) else sources(desk)
    assert last in (engine.Hangup(), engine.Sources(camera=False, microphone=False))
    assert desk.view.exam.state == ""
    if isinstance(end, screen.Pause):
        desk.tap(screen.Pause(paused=False))
        assert sources(desk).exam == ""


def test_at_the_wrong_moment_a_request_changes_nothing(desk: Desk, doctor: Doctor) -> None:
    before = list(desk.ports.called)
    doctor.say(specialist.ShowCamera(camera="endoscope"))
    doctor.say(specialist.AskPhoto())
    desk.tap(screen.ShowExam(given=True), screen.SendPhoto(given=True), screen.Photograph())
    assert desk.ports.called == before
    assert desk.view.notices[:1] == ("not-now",)


def test_a_camera_that_is_taken_away_is_named_and_the_call_goes_on(desk: Desk, doctor: Doctor) -> None:
    doctor.say(specialist.ShowCamera(camera="otoscope"))
    desk.tap(screen.ShowExam(given=True))
    desk.booth.from_call(engine.Device("otoscope", "camera-lost"))
    desk.booth.tick()
    assert desk.view.exam.missing == {"otoscope": "camera-lost"}
    assert told(doctor).missing == ("otoscope",)
    assert desk.view.stage == "in-call"
    assert entries(desk, "incident") == [{"reason": "camera-lost", "device": "otoscope"}]
    desk.booth.from_call(engine.Device("otoscope", ""))
    desk.booth.tick()
    assert desk.view.exam.missing == {}


def test_a_photograph_waits_for_the_patient_and_arrives_whole(desk: Desk, doctor: Doctor) -> None:
    doctor.say(specialist.ShowCamera(camera="otoscope"))
    desk.tap(screen.ShowExam(given=True))
    doctor.say(specialist.AskPhoto())
    assert told(doctor).photo == "taking"
    jpeg = encoded(decoded(JPEG.read_bytes())).jpeg
    photo = take(desk, jpeg)
    assert (desk.view.exam.photo, told(doctor).photo) == ("asked", "asked")
    assert desk.view.exam.sites == ("right-ear", "left-ear")
    assert not any(isinstance(message, station.Deposit) for message in desk.ports.posted)

    desk.tap(screen.SendPhoto(given=True, site="right-ear"))
    assert told(doctor).photo == "kept"
    assert desk.ports.called[-1] == engine.DropPhoto()
    assert desk.view.exam.photos[0].state == "kept"
    payload = deliver(desk, doctor, photo)
    assert desk.view.exam.photos[0].state == "sent"

    check_bundle(payload)
    resources = {entry["resource"]["resourceType"]: entry["resource"] for entry in json.loads(payload)["entry"]}
    media = resources["Media"]
    assert base64.b64decode(media["content"]["data"]) == jpeg
    assert base64.b64decode(media["content"]["hash"]) == hashlib.sha1(jpeg).digest()  # noqa: S324 - what FHIR wants
    assert (media["width"], media["height"], media["bodySite"]["text"]) == (640, 480, "Oreille droite")
    assert resources["Provenance"]["entity"][0]["what"]["identifier"]["value"] == hashlib.sha256(jpeg).hexdigest()
    assert resources["Provenance"]["target"][0]["reference"] == f"urn:uuid:{media['id']}"
    assert entries(desk, "photo")[0]["sha256"] == hashlib.sha256(jpeg).hexdigest()

    receipts(desk, doctor, photo)
    assert desk.view.exam.photos[0].state == "seen"
    assert desk.tap(screen.End()).outcomes == {"photo": {"seen": 1}}
    assert desk.view.remaining is not None  # the record itself
    assert desk.view.remaining.envelopes == 1


def deposits(desk: Desk, photo: str) -> list[station.Deposit]:
    return [message for message in desk.ports.posted if isinstance(message, station.Deposit) and whole_of(message.id) == photo]


def deliver(desk: Desk, doctor: Doctor, photo: str) -> bytes:
    """Play the station: take one part after the other; what the doctor makes of all of them."""
    pieces: dict[int, bytes] = {}
    count = 1
    while len(pieces) < count:
        at_the_station = deposits(desk, photo)
        assert len(at_the_station) == len(pieces) + 1  # never more than one under way
        header, payload = doctor.keys.open(KEYS.public, at_the_station[-1].envelope)
        assert header.kind == "part"
        number, count, piece = part_of(payload, photo)
        pieces[number] = piece
        desk.booth.from_station(station.Deposited(at_the_station[-1].id))
        desk.booth.tick()
    return b"".join(pieces[number] for number in range(count))


def receipts(desk: Desk, doctor: Doctor, photo: str) -> None:
    for message in deposits(desk, photo):
        statement = station.receipt_statement(message.id, 1)
        desk.booth.from_station(station.Receipt(message.id, 1, bytes(doctor.keys.signing.sign(statement).signature)))
    desk.booth.tick()


def test_a_value_does_not_wait_for_a_photograph(desk: Desk, doctor: Doctor) -> None:
    desk.tap(screen.ExamCamera("otoscope"), screen.ShowExam(given=True))
    photo, _ = photograph(desk)
    desk.tap(screen.SendPhoto(given=True))
    assert len(deposits(desk, photo)) == 1
    result = desk.measure()
    desk.tap(screen.Confirm(result, accepted=True))
    assert desk.ports.posted[-1].id == result  # type: ignore[union-attr]
    assert len(max((message.envelope for message in deposits(desk, photo)), key=len)) < 6400


def test_after_a_break_of_the_station_the_rest_of_a_photograph_follows(desk: Desk, doctor: Doctor) -> None:
    desk.tap(screen.ExamCamera("otoscope"), screen.ShowExam(given=True))
    photo, _ = photograph(desk)
    desk.tap(screen.SendPhoto(given=True))
    desk.booth.from_station(station.Deposited(deposits(desk, photo)[0].id))
    desk.booth.station_down("connecting")
    desk.ports.posted.clear()
    desk.booth.station_up()
    assert [message.id for message in deposits(desk, photo)] == [f"{photo}.1"]


def test_a_refused_photograph_leaves_nothing_anywhere(desk: Desk, doctor: Doctor) -> None:
    desk.tap(screen.ExamCamera("dermatoscope"), screen.ShowExam(given=True))
    _, jpeg = photograph(desk)
    waiting = desk.booth._exam.photos._waiting
    assert waiting is not None
    held = waiting.octets
    desk.tap(screen.SendPhoto(given=False))
    assert desk.ports.called[-1] == engine.DropPhoto()
    assert not any(held)
    assert told(doctor).photo == "refused"
    assert desk.tap(screen.End()).outcomes == {"photo": {"rejected": 1}}
    needles = [forms(jpeg[at : at + 24]) for at in range(2000, len(jpeg) - 24, 9973)]
    said = [screen.to_screen.encode(message) for message in desk.ports.shown] + [body for _, body in desk.ports.relayed]
    said += [station.from_booth.encode(message) for message in desk.ports.posted]
    said += [payload for kind in ("part", "record", "observation") for payload in doctor.mail(kind)]
    left = b"".join([*said, *(path.read_bytes() for path in desk.directory.rglob("*") if path.is_file())])
    assert not list(search(left, needles, "everything"))
    assert list(search(left + jpeg, needles, "planted"))
    assert hashlib.sha256(jpeg).hexdigest().encode() not in left


def test_who_wants_no_photographs_is_not_photographed(desk: Desk, doctor: Doctor) -> None:
    desk.tap(screen.Consent("photos", given=False), screen.ExamCamera("otoscope"), screen.ShowExam(given=True))
    doctor.say(specialist.AskPhoto())
    assert told(doctor).photo == "refused"
    assert not any(isinstance(message, engine.TakePhoto) for message in desk.ports.called)
    assert desk.view.notices[:1] == ("photos-refused",)


def test_putting_the_camera_away_refuses_what_waits(desk: Desk, doctor: Doctor) -> None:
    desk.tap(screen.ExamCamera("otoscope"), screen.ShowExam(given=True))
    photograph(desk)
    desk.tap(screen.ExamCamera(""))
    assert engine.DropPhoto() in desk.ports.called
    assert desk.tap(screen.SendPhoto(given=True)).notices[:1] == ("not-now",)
    assert entries(desk, "photo-refused") == [{"camera": "otoscope", "reason": "unanswered"}]


def test_a_camera_that_gives_none_is_said(desk: Desk, doctor: Doctor) -> None:
    desk.tap(screen.ExamCamera("otoscope"), screen.ShowExam(given=True), screen.Photograph())
    order = desk.ports.called[-1]
    assert isinstance(order, engine.TakePhoto)
    desk.booth.from_call(engine.PhotoFailed(order.id, "camera-busy"))
    desk.booth.tick()
    assert desk.view.notices[:1] == ("photo-failed",)
    assert told(doctor).photo == "failed"
    assert "photo-failed" not in desk.tap(screen.Photograph()).notices

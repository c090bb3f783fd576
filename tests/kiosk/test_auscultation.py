"""The stethoscope at the desk: sealed samples that give way, a site for each sound, and a clip with the patient's yes only."""

import base64
import hashlib
import io
import json
import wave
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk_fhir.check import check_bundle
from protocol import engine, screen, specialist, station
from protocol.sound import PIECE, RATE
from simulators import heart
from tests.kiosk.booth_rig import Desk
from tests.kiosk.specialist_rig import Doctor

BEATS = (heart.beat(samples_a_second=RATE) * 20).tobytes()


class Stethoscope:
    """What the call process would say: pieces of a composed heart at the desk's own time."""

    def __init__(self, desk: Desk, samples: bytes = BEATS) -> None:
        self._desk, self._samples = desk, samples
        self.sequence = 0
        self.heard = b""

    def give(self, pieces: int = 1) -> None:
        for _ in range(pieces):
            self._desk.clock.seconds += PIECE / RATE
            at = 2 * self.sequence % (len(self._samples) - 2 * PIECE)
            piece = self._samples[at : at + 2 * PIECE]
            self.heard += piece
            self._desk.booth.from_call(engine.Heard(self.sequence, piece, self._desk.clock.now().monotonic))
            self.sequence += PIECE
            self._desk.booth.tick()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path, stethoscope="alsa:plughw:CARD=Test")
    desk.to_consented()
    desk.tap(screen.Wait())
    return desk


@pytest.fixture
def doctor(desk: Desk) -> Doctor:
    doctor = Doctor(desk)
    doctor.join()
    return doctor


def told(doctor: Doctor) -> specialist.Auscultation:
    return next(message for message in reversed(doctor.heard) if isinstance(message, specialist.Auscultation))


def ordered(desk: Desk) -> engine.Auscultate:
    return next(message for message in reversed(desk.ports.called) if isinstance(message, engine.Auscultate))


def shown(desk: Desk) -> screen.Auscultation:
    assert desk.view.auscultation is not None
    return desk.view.auscultation


def test_every_sample_reaches_the_specialist_as_it_was_heard(desk: Desk, doctor: Doctor) -> None:
    """IDEA-08: the sealed stream is lossless, and says when each sample was."""
    desk.tap(screen.Auscultate(on=True, site="mitral"))
    source = Stethoscope(desk)
    source.give(12)
    assert b"".join(piece.samples for piece in doctor.sounds) == source.heard
    assert [piece.sequence for piece in doctor.sounds] == list(range(0, 12 * PIECE, PIECE))
    gaps = {round(later.received - earlier.received) for earlier, later in zip(doctor.sounds, doctor.sounds[1:], strict=False)}
    assert gaps == {125}
    assert (told(doctor).state, told(doctor).site, told(doctor).held) == ("on", "mitral", False)
    curves = [message for message in desk.ports.shown if isinstance(message, screen.Curve)]
    assert {(curve.device, curve.vital, curve.period, len(curve.samples)) for curve in curves} == {
        ("stethoscope", "phonocardiogram", 0.0025, 50)
    }


def test_sound_gives_way_to_values_and_says_so(desk: Desk, doctor: Doctor) -> None:
    """F002-01: with no room nothing of it leaves; values do. What waits is bounded, and the page sees the hole in the numbers."""
    desk.tap(screen.Auscultate(on=True, site="aortic"))
    source = Stethoscope(desk)
    source.give(2)
    desk.ports.room = False
    source.give(40)
    assert len(doctor.sounds) == 2
    assert told(doctor).held
    desk.measure()
    assert any(isinstance(message, specialist.Values) for message in doctor.heard)
    desk.ports.room = True
    source.give(10)
    assert [piece.sequence for piece in doctor.sounds[:3]] == [0, PIECE, 27 * PIECE], "the newest two seconds, after a hole"
    assert not told(doctor).held


def test_sound_gives_way_to_the_voice(desk: Desk, doctor: Doctor) -> None:
    """The order is values, text, voice, and only then the samples of the stethoscope."""
    desk.tap(screen.Auscultate(on=True, site="aortic"))
    source = Stethoscope(desk)
    doctor.say(specialist.Listen(on=True))
    desk.booth.from_call(engine.Statistics(0, 0, 0, 0, 0, None, 0, picture="none", sound="thin"))
    source.give(20)
    assert doctor.sounds == []
    assert ordered(desk).listening, "the wish to listen stands, the sound comes back by itself"
    assert not shown(desk).listening, "the patient is not told that somebody listens now"
    desk.booth.from_call(engine.Statistics(0, 0, 0, 0, 0, None, 0, picture="none", sound="full"))
    desk.tap()
    assert shown(desk).listening


def test_a_clip_is_kept_with_the_patients_yes_only(desk: Desk, doctor: Doctor) -> None:
    """F002-15: asked each time; the sealed result holds the very samples, the site, and the hash of the raw ones in its Provenance."""
    desk.tap(screen.Auscultate(on=True, site="mitral"))
    source = Stethoscope(desk)
    source.give(100)
    desk.ports.room = False  # a poor link harms no clip
    doctor.say(specialist.KeepSound())
    assert (shown(desk).keep, told(doctor).keep) == (10, "asked")
    desk.tap(screen.KeepSound(given=False))
    assert (shown(desk).keep, told(doctor).keep, doctor.mail("part")) == (0, "refused", [])
    source.give(3)
    doctor.say(specialist.KeepSound())
    expected = source.heard[-2 * 10 * RATE :]
    source.give(20)  # what comes after the wish is not in it
    desk.tap(screen.KeepSound(given=True))
    payload = whole(desk, doctor)
    check_bundle(payload)
    resources = {entry["resource"]["resourceType"]: entry["resource"] for entry in json.loads(payload)["entry"]}
    media, provenance = resources["Media"], resources["Provenance"]
    file = base64.b64decode(media["content"]["data"])
    with wave.open(io.BytesIO(file)) as opened:
        assert (opened.getframerate(), opened.getsampwidth(), opened.getnchannels()) == (RATE, 2, 1)
        assert opened.readframes(opened.getnframes()) == expected
    assert (media["bodySite"]["text"], media["duration"], media["content"]["contentType"]) == ("Foyer mitral", 10, "audio/wav")
    assert base64.b64decode(media["content"]["hash"]) == hashlib.sha1(file, usedforsecurity=False).digest()
    assert provenance["entity"][0]["what"]["identifier"]["value"] == hashlib.sha256(expected).hexdigest()
    assert told(doctor).keep == "kept"
    desk.booth.tick()
    assert [(clip.site, clip.state) for clip in shown(desk).clips] == [("mitral", "sent")]
    assert desk.tap(screen.End()).outcomes == {"sound": {"sent": 1, "rejected": 1}}


def test_a_clip_has_one_site(desk: Desk, doctor: Doctor) -> None:
    """Attributable: what was heard before the helper said another point is not labelled with that one."""
    desk.tap(screen.Auscultate(on=True, site="mitral"))
    source = Stethoscope(desk)
    source.give(60)
    desk.tap(screen.Auscultate(on=True, site="aortic"))
    doctor.say(specialist.KeepSound())
    assert (told(doctor).keep, shown(desk).keep) == ("too-short", 0)
    source.give(24)
    doctor.say(specialist.KeepSound())
    assert shown(desk).keep == 3


def test_a_hole_ends_a_clip(desk: Desk, doctor: Doctor) -> None:
    desk.tap(screen.Auscultate(on=True, site="mitral"))
    source = Stethoscope(desk)
    source.give(60)
    source.sequence += PIECE  # the device lost these
    source.give(24)
    doctor.say(specialist.KeepSound())
    assert shown(desk).keep == 3


def test_the_doctor_asks_for_a_point_and_listens(desk: Desk, doctor: Doctor) -> None:
    """F002-03, IDEA-09. Listening opens nothing by itself: the helper takes the stethoscope."""
    doctor.say(specialist.Listen(on=True))
    doctor.say(specialist.AskSite(site="mitral"))
    assert not ordered(desk).on
    assert shown(desk).asked == "mitral"
    assert "stethoscope-asked" in desk.view.notices
    desk.tap(screen.Auscultate(on=True, site="mitral"))
    assert shown(desk).asked == ""
    assert "stethoscope-asked" not in desk.view.notices
    doctor.say(specialist.Listen(on=True))
    assert ordered(desk) == engine.Auscultate(on=True, listening=True)
    assert (shown(desk).listening, told(doctor).listening) == (True, True)


def whole(desk: Desk, doctor: Doctor) -> bytes:
    """Play the station: take one part after the other; what the doctor makes of all of them."""
    taken: list[station.Deposit] = []
    while len(found := [one for one in desk.ports.posted if isinstance(one, station.Deposit)]) > len(taken):
        assert len(found) == len(taken) + 1, "one part at a time: values never wait for a sound"
        taken = found
        desk.booth.from_station(station.Deposited(found[-1].id))
    payload = b""
    for part in doctor.mail("part"):
        payload += split(part)[4]
    return payload


def split(part: bytes) -> list[bytes]:
    """The fields of a part (docs/crypto.md): each with its length before it."""
    out = []
    while part:
        size = int.from_bytes(part[:4])
        out.append(part[4 : 4 + size])
        part = part[4 + size :]
    return out


SCENES: list[tuple[str, Callable[[Desk], object]]] = [
    ("pause", lambda desk: desk.tap(screen.Pause(paused=True))),
    ("end", lambda desk: desk.tap(screen.End())),
    ("put away", lambda desk: desk.tap(screen.Auscultate(on=False))),
]


@pytest.mark.parametrize(("scene", "act"), SCENES, ids=[scene for scene, _ in SCENES])
def test_nothing_is_heard_after(desk: Desk, doctor: Doctor, scene: str, act: Callable[[Desk], object]) -> None:
    """The device is freed, and a piece that was on its way goes nowhere."""
    desk.tap(screen.Auscultate(on=True, site="mitral"))
    source = Stethoscope(desk)
    source.give(20)
    before = len(doctor.sounds)
    act(desk)
    assert not ordered(desk).on, scene
    source.give(2)
    assert len(doctor.sounds) == before
    assert shown(desk).keep == 0


def test_a_specialist_who_leaves_listens_no_more(desk: Desk, doctor: Doctor) -> None:
    desk.tap(screen.Auscultate(on=True, site="mitral"))
    Stethoscope(desk).give(20)
    doctor.say(specialist.Listen(on=True))
    doctor.say(specialist.KeepSound())
    desk.booth.station_down("connecting")
    desk.booth.tick()
    assert ordered(desk) == engine.Auscultate(on=True, listening=False)
    assert shown(desk).keep == 0


@pytest.mark.parametrize(
    ("gain", "state"), [(heart.LOUDNESS, "on"), (0.0, "silent"), (4.0, "clipping")], ids=["heart", "nothing on the skin", "too loud"]
)
def test_sound_of_no_use_is_named(desk: Desk, doctor: Doctor, gain: float, state: str) -> None:
    desk.tap(screen.Auscultate(on=True, site="mitral"))
    Stethoscope(desk, (heart.beat(samples_a_second=RATE, gain=gain) * 20).tobytes()).give(24)
    assert (shown(desk).state, told(doctor).state) == (state, state)


def test_a_device_that_is_not_there_or_goes_is_named_and_tried_again(desk: Desk, doctor: Doctor) -> None:
    desk.tap(screen.Auscultate(on=True, site="mitral"))
    for reason, state in (("no-stethoscope", "absent"), ("stethoscope-lost", "lost")):
        desk.booth.from_call(engine.Device("stethoscope", reason))
        desk.booth.tick()
        assert (shown(desk).state, told(doctor).state) == (state, state)
        assert desk.view.stage == "in-call"
    orders = len(desk.ports.called)
    desk.tap(screen.Auscultate(on=True, site="mitral"))
    assert desk.ports.called[orders:] == [engine.Auscultate(on=True, listening=False)]
    assert shown(desk).state == "starting"


def test_a_call_process_that_died_opens_it_again(desk: Desk, doctor: Doctor) -> None:
    desk.booth.call_up()
    desk.tap(screen.Auscultate(on=True, site="mitral"))
    desk.booth.call_down()
    orders = len(desk.ports.called)
    desk.booth.call_up()
    assert engine.Auscultate(on=True, listening=False) in desk.ports.called[orders:]


def test_a_booth_without_one_says_nothing_of_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.to_consented()
    desk.tap(screen.Wait())
    doctor = Doctor(desk)
    doctor.join()
    assert desk.view.auscultation is None
    assert not any(isinstance(message, specialist.Auscultation) for message in doctor.heard)
    desk.tap(screen.Auscultate(on=True, site="mitral"))
    assert "not-now" in desk.view.notices

"""The encoders alone: rate, size and key frames as the controller says."""

from collections.abc import Iterator
from fractions import Fraction

import av
import pytest
from aiortc.codecs import depayload, get_decoder
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtcrtpparameters import RTCRtpCodecParameters

from kiosk.call.bandwidth import RateController
from kiosk.call.video_encoders import KEY_FRAME_REST, LONG_AGO, Adaptation, LadderVp8Encoder, LiveH264Encoder
from simulators.camera import render

SCENE = render(1280, 720)


class Clock:
    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


def given(rate: int, clock: Clock) -> Adaptation:
    return Adaptation(RateController(clock(), start=rate), clock)


def frames(clock: Clock, seconds: float) -> Iterator[av.VideoFrame]:
    """The scene at 30 a second, with the clock going along."""
    scene = SCENE
    for number in range(round(seconds * 30)):
        frame = scene[number % len(scene)]
        frame.pts, frame.time_base = int(clock.now * 90_000), Fraction(1, 90_000)
        yield frame
        clock.now += 1 / 30


def play(encoder: LiveH264Encoder | LadderVp8Encoder, clock: Clock, seconds: float, *, key: bool = False) -> tuple[int, int]:
    """Bits made and the largest picture in bits."""
    sizes = [sum(len(payload) for payload in encoder.encode(frame, key)[0]) * 8 for frame in frames(clock, seconds)]
    return sum(sizes), max(sizes)


def test_the_rate_changes_live_without_a_key_frame() -> None:
    """Within one rung; fails when x264 or PyAV no longer takes a rate on the way."""
    clock = Clock()
    adaptation = given(900_000, clock)
    encoder = LiveH264Encoder(adaptation)
    play(encoder, clock, 2)
    high, _ = play(encoder, clock, 3)
    for estimate in (1_000_000, 650_000):
        adaptation.control.remb(estimate, clock.now)
    play(encoder, clock, 1)
    low, _ = play(encoder, clock, 3)
    assert adaptation.key_frames == 1
    assert high / 3 == pytest.approx(900_000, rel=0.15)
    assert low / 3 == pytest.approx(650_000, rel=0.15)


@pytest.mark.parametrize(("rate", "height", "fps"), [(55_000, 180, 10), (150_000, 180, 30), (300_000, 360, 30), (1_200_000, 720, 30)])
def test_each_rung_keeps_its_rate_size_and_frame_rate(rate: int, height: int, fps: int) -> None:
    clock = Clock()
    adaptation = given(rate, clock)
    encoder = LiveH264Encoder(adaptation)
    play(encoder, clock, 2)
    coded = adaptation.coded
    bits, _ = play(encoder, clock, 4)
    assert encoder._context is not None
    assert encoder._context.height == height
    assert adaptation.coded - coded == pytest.approx(4 * fps, rel=0.05)
    assert bits / 4 < 1.15 * rate


def test_a_key_frame_fits_the_buffer() -> None:
    """A key frame that fills the queue of the link it was made for would delay the values."""
    clock = Clock()
    adaptation = given(150_000, clock)
    encoder = LiveH264Encoder(adaptation)
    play(encoder, clock, 2)
    _, largest = play(encoder, clock, 1 / 30, key=True)
    assert largest < 0.30 * adaptation.ladder.rung.most
    assert adaptation.key_frames == 2


@pytest.mark.parametrize(("rate", "rows"), [(8_000, 90), (12_000, 90), (24_000, 180)])
def test_each_still_is_whole_by_itself_and_takes_no_more_than_a_second_of_its_rate(rate: int, rows: int) -> None:
    """F002-01: one that was lost must not take the next with it, and of the smallest two packets are all."""
    clock = Clock()
    encoder = LiveH264Encoder(given(rate, clock))
    codec = RTCRtpCodecParameters(mimeType="video/H264", clockRate=90_000, payloadType=96)
    seen = []
    for frame in frames(clock, 21):
        payloads, timestamp = encoder.encode(frame)
        if payloads:
            data = b"".join(depayload(codec, payload) for payload in payloads)
            assert len(data) * 8 < 1.25 * rate
            assert b"x264" not in data, "its name and settings are 600 octets that no decoder needs"
            seen += [one.height for one in get_decoder(codec).decode(JitterFrame(data, timestamp)) if isinstance(one, av.VideoFrame)]
    assert seen in ([rows] * 6, [rows] * 11)


def test_a_still_of_long_ago_is_no_picture_any_more() -> None:
    """Where a queue stands no still is added to it; the screens say then that there is none."""
    clock, stands = Clock(), False
    adaptation = Adaptation(RateController(clock(), start=8_000), clock, lambda: stands)
    encoder = LiveH264Encoder(adaptation)
    assert adaptation.picture == "stills"
    play(encoder, clock, 5)
    stands = True
    play(encoder, clock, LONG_AGO - 5)
    assert adaptation.picture == "stills"
    play(encoder, clock, 5)
    assert adaptation.picture == "none"
    stands = False
    play(encoder, clock, 0.1)
    assert adaptation.picture == "stills"


@pytest.mark.parametrize("make", [LiveH264Encoder, LadderVp8Encoder])
def test_many_requests_are_one_key_frame_and_none_is_forgotten(make: type[LiveH264Encoder] | type[LadderVp8Encoder]) -> None:
    clock = Clock()
    adaptation = given(150_000, clock)
    encoder = make(adaptation)
    play(encoder, clock, 1)
    before = adaptation.key_frames
    play(encoder, clock, 0.3, key=True)
    assert adaptation.key_frames == before + 1
    play(encoder, clock, KEY_FRAME_REST)
    assert adaptation.key_frames == before + 2


@pytest.mark.parametrize(("make", "name"), [(LiveH264Encoder, "H264"), (LadderVp8Encoder, "VP8")])
def test_what_is_sent_decodes_to_the_rungs_size(make: type[LiveH264Encoder] | type[LadderVp8Encoder], name: str) -> None:
    clock = Clock()
    encoder = make(given(300_000, clock))
    codec = RTCRtpCodecParameters(mimeType=f"video/{name}", clockRate=90_000, payloadType=96)
    decoder = get_decoder(codec)
    decoded: list[object] = []
    for frame in frames(clock, 1):
        payloads, timestamp = encoder.encode(frame)
        if payloads:
            decoded += decoder.decode(JitterFrame(b"".join(depayload(codec, payload) for payload in payloads), timestamp))
    assert len(decoded) >= 25
    assert {(frame.width, frame.height) for frame in decoded if isinstance(frame, av.VideoFrame)} == {(640, 360)}


def test_vp8_changes_its_rate_seldom_upwards() -> None:
    """Each change is a key frame there."""
    clock = Clock()
    adaptation = given(150_000, clock)
    encoder = LadderVp8Encoder(adaptation)
    for second in range(10):
        play(encoder, clock, 1)
        adaptation.control.report(0, 0.02, adaptation.control.target, clock.now)
        assert adaptation.key_frames <= 2 + second // 2

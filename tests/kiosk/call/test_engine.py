"""The aiortc engine against another aiortc in this process."""

import asyncio
import contextlib
import random
import re
import struct
import time
from collections.abc import AsyncIterator, Generator
from functools import partial
from itertools import pairwise

import av
import pylibsrtp
import pytest
from aiortc.rtcicetransport import RTCIceGatherer
from aiortc.rtp import RtcpByePacket, unpack_header_extensions

from kiosk.call import upstream
from kiosk.call.aiortc_engine import AiortcEngine, configuration
from kiosk.call.engine import CallEngine, CallError
from kiosk.call.sources import SourceError
from protocol.engine import IceServer, State
from simulators import stamps
from simulators.call import TONE, allow_loopback
from simulators.camera import StampedCamera
from simulators.lavfi import LavfiMicrophone
from tests.kiosk.call.specialist import AiortcSpecialist, until

allow_loopback()


class Recorder:
    """An engine and all that it told."""

    def __init__(self, engine: AiortcEngine) -> None:
        self.engine: CallEngine = engine
        self.states: list[State] = []
        self.troubles: list[tuple[str, str]] = []
        self.pictures: list[av.VideoFrame] = []
        engine.on_state = self.states.append
        engine.on_trouble = lambda kind, reason: self.troubles.append((kind, reason))
        engine.on_picture = self.pictures.append


@pytest.fixture
async def booth() -> AsyncIterator[Recorder]:
    recorder = Recorder(AiortcEngine({"booth": StampedCamera(320, 180)}, LavfiMicrophone(TONE)))
    yield recorder
    await recorder.engine.stop()


@pytest.fixture
async def specialist() -> AsyncIterator[AiortcSpecialist]:
    made = AiortcSpecialist()
    yield made
    await made.close()


def brightest(frame: av.VideoFrame) -> int:
    """The highest luma of a picture."""
    plane = frame.planes[0]
    return max(max(bytes(plane)[row * plane.line_size : row * plane.line_size + frame.width]) for row in range(frame.height))


async def connect(booth: Recorder, specialist: AiortcSpecialist) -> str:
    answer = await booth.engine.accept_offer(await specialist.offer())
    await specialist.accept(answer)
    await until(lambda: State("connected", "") in booth.states)
    return answer


async def test_the_fingerprints_are_known_before_the_offer_and_are_those_of_the_answer(
    booth: Recorder, specialist: AiortcSpecialist
) -> None:
    known = await booth.engine.prepare((), relay_only=False)
    answer = await connect(booth, specialist)
    in_answer = {f"{name.lower()} {digits.upper()}" for name, digits in re.findall(r"^a=fingerprint:(\S+) (\S+)", answer, re.MULTILINE)}
    assert known == tuple(sorted(in_answer))
    assert [one.split()[0] for one in known] == ["sha-256", "sha-384", "sha-512"]


async def test_a_new_call_has_a_new_certificate(booth: Recorder) -> None:
    assert not set(await booth.engine.prepare((), relay_only=False)) & set(await booth.engine.prepare((), relay_only=False))


async def test_it_sends_black_and_silence_until_the_patient_switches_on(booth: Recorder, specialist: AiortcSpecialist) -> None:
    await booth.engine.prepare((), relay_only=False)
    await connect(booth, specialist)
    await until(lambda: len(specialist.pictures) > 3 and len(specialist.sounds) > 3)
    assert brightest(specialist.pictures[-1]) < 32
    assert max(abs(s) for frame in specialist.sounds for s in memoryview(bytes(frame.planes[0])).cast("h")) < 50
    booth.engine.set_sources(camera=True, microphone=True)
    await until(lambda: stamps.read(specialist.pictures[-1]) is not None)
    await until(lambda: max(memoryview(bytes(specialist.sounds[-1].planes[0])).cast("h")) > 1000)
    assert ("camera", "") in booth.troubles
    booth.engine.set_sources(camera=False, microphone=False)
    await until(lambda: brightest(specialist.pictures[-1]) < 32)


async def test_the_reports_of_both_streams_put_picture_and_sound_on_one_clock(booth: Recorder, specialist: AiortcSpecialist) -> None:
    """A sound that is said to have been heard an hour before it came had better be an hour later: no busy machine comes near it, nor does chance."""
    hour, asked = 3600.0, list[float]()
    engine = booth.engine
    assert isinstance(engine, AiortcEngine)
    engine.on_sound = lambda frame: asked.append(engine.heard(frame.pts or 0, time.monotonic() - hour))
    await engine.prepare((), relay_only=False)
    await connect(booth, specialist)
    await until(lambda: asked and asked[-1] != 0, seconds=40)
    assert abs(asked[-1] - hour) < 60


async def test_reports_come_with_the_first_packets_and_say_when_what_is_sent_was_recorded(
    booth: Recorder, specialist: AiortcSpecialist
) -> None:
    """RFC 3550 section 6.4.1: one line of time for all reports, whatever coding and sending took. A browser needs two of each stream to know anything."""
    reports: dict[str, list[tuple[int, int]]] = {"audio": [], "video": []}
    decoded: dict[str, int] = {}

    def heard(kind: str, ntp: int, timestamp: int) -> None:
        decoded.setdefault(kind, len(specialist.pictures if kind == "video" else specialist.sounds))
        reports[kind].append((ntp, timestamp))

    for one in specialist.connection.getTransceivers():
        upstream.hear_sender(one.receiver, partial(heard, one.kind))
    await booth.engine.prepare((), relay_only=False)
    booth.engine.set_sources(camera=True, microphone=True)
    await connect(booth, specialist)
    await until(lambda: all(len(one) > 4 for one in reports.values()))
    assert max(decoded.values()) <= 2, "aiortc's own first report comes after half a second at least"
    told = reports["video"]
    for (ntp, stamp), (later, after) in pairwise(told):
        assert (after - stamp) % 2**32 / 90_000 == pytest.approx((later - ntp) / 2**32, abs=1e-4)
    since_1900 = 2_208_988_800
    assert abs(told[-1][0] / 2**32 - since_1900 - time.time()) < 10


async def test_pictures_flow_both_ways_and_the_figures_say_so(booth: Recorder, specialist: AiortcSpecialist) -> None:
    await booth.engine.prepare((), relay_only=False)
    assert await booth.engine.statistics() is None
    booth.engine.set_sources(camera=True, microphone=True)
    await connect(booth, specialist)
    await until(lambda: len(booth.pictures) > 30 and len(specialist.pictures) > 30)
    await booth.engine.statistics()
    async with asyncio.timeout(20):  # the first step of the ladder is ten pictures a second, and a busy machine takes longer to leave it
        while True:
            began, received, shown = time.monotonic(), len(booth.pictures), len(specialist.pictures)
            await until(
                partial(lambda came, seen: len(booth.pictures) > came + 40 and len(specialist.pictures) > seen + 30, received, shown)
            )
            figures = await booth.engine.statistics()
            elapsed = time.monotonic() - began
            assert figures
            assert figures.received_fps * elapsed == pytest.approx(len(booth.pictures) - received, abs=5)
            assert figures.sent_fps * elapsed == pytest.approx(len(specialist.pictures) - shown, abs=10), "some are on their way"
            if figures.received_fps > 10 and figures.sent_fps > 10:
                break
    assert figures.sent_kbps > 20
    assert 0 < figures.freeze_ms < 2000
    numbers = [number for frame in booth.pictures if (number := stamps.read(frame)) is not None]
    assert len(numbers) > 0.8 * len(booth.pictures)
    assert all(later > earlier for earlier, later in pairwise(numbers))


async def test_a_picture_says_how_long_to_hold_it_and_a_browser_is_to_begin_small(booth: Recorder, specialist: AiortcSpecialist) -> None:
    """The least and the most play-out delay (webrtc.org, rtp-hdrext/playout-delay): at first 60 and 400 ms; sound says nothing of it."""
    await booth.engine.prepare((), relay_only=False)
    specialist.listen()
    sound, video = (await connect(booth, specialist)).split("\nm=audio")[1].split("\nm=video")
    assert "x-google-start-bitrate=120" in video
    assert "playout-delay" not in sound
    number = re.search(r"^a=extmap:(\d+) \S+/playout-delay", video, re.MULTILINE)
    kinds = {int(kind) for kind in re.findall(r"^a=rtpmap:(\d+) H264/", video, re.MULTILINE)}
    assert number
    await until(lambda: any(data[1] & 0x7F in kinds for data in specialist.media))
    data = next(data for data in specialist.media if data[1] & 0x7F in kinds)
    profile, words = struct.unpack_from("!HH", data, 12)
    assert (int(number[1]), bytes([0, 6 << 4, 40])) in unpack_header_extensions(profile, data[16 : 16 + 4 * words])


async def test_every_tenth_packet_lost_costs_nearly_no_picture(booth: Recorder, specialist: AiortcSpecialist) -> None:
    """Lost packets are asked for, again if need be; also the guard that aiortc uses the buffer and the requests that it is given."""
    await booth.engine.prepare((), relay_only=False)
    specialist.lose(10)
    await connect(booth, specialist)
    await until(lambda: len(booth.pictures) > 30)
    first, sent = len(booth.pictures), specialist.camera.count
    await until(lambda: len(booth.pictures) > first + 60)
    assert specialist.camera.count - sent < 75
    requests = booth.engine._call._requests  # type: ignore[attr-defined]
    assert requests.source is not None
    numbers = [number for frame in booth.pictures if (number := stamps.read(frame)) is not None]
    assert all(later > earlier for earlier, later in pairwise(numbers))


async def test_lost_sound_leaves_no_hole(booth: Recorder, specialist: AiortcSpecialist) -> None:
    """Each piece begins where the one before it ended, whatever the line loses; also the guard that aiortc uses buffer and decoder."""
    sounds: list[av.AudioFrame] = []
    booth.engine.on_sound = sounds.append  # type: ignore[attr-defined]
    await booth.engine.prepare((), relay_only=False)
    specialist.lose(4)
    await connect(booth, specialist)
    await until(lambda: sum(frame.samples for frame in sounds) > 3 * 48_000)
    assert any(frame.samples > 960 for frame in sounds), "something was made up"
    assert all(later.pts == earlier.pts + earlier.samples for earlier, later in pairwise(sounds))


@pytest.mark.parametrize(
    "sdp", ["", "nonsense", "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n", "v=0\r\no=- 0 0 IN IP4 0\r\ns=-\r\nt=0 0\r\nm=x"]
)
async def test_an_offer_that_is_none_is_refused_and_the_next_call_works(booth: Recorder, specialist: AiortcSpecialist, sdp: str) -> None:
    await booth.engine.prepare((), relay_only=False)
    with pytest.raises(CallError) as refused:
        await booth.engine.accept_offer(sdp)
    assert refused.value.reason == "bad-offer"
    await booth.engine.prepare((), relay_only=False)
    await connect(booth, specialist)


async def test_an_offer_cut_anywhere_is_refused_or_answered(booth: Recorder, specialist: AiortcSpecialist) -> None:
    whole = await specialist.offer()
    lines = whole.splitlines(keepends=True)
    for kept in range(0, len(lines), 3):
        await booth.engine.prepare((), relay_only=False)
        cut = "".join(lines[:kept]) + lines[kept][: len(lines[kept]) // 2]
        outcome = (await asyncio.gather(booth.engine.accept_offer(cut), return_exceptions=True))[0]
        assert isinstance(outcome, (str, CallError)), cut


async def test_an_order_out_of_turn_is_named(booth: Recorder) -> None:
    with pytest.raises(CallError, match="not-prepared"):
        await booth.engine.accept_offer("v=0")
    with pytest.raises(CallError, match="not-prepared"):
        await booth.engine.add_candidate("", "0")


@pytest.mark.parametrize(
    "candidate", ["candidate:", "candidate:1 1 udp x 1.2.3.4 5 typ host", "1 2 3", "candidate:1 1 udp 1 1.2.3.4 5 typ"]
)
async def test_a_bad_candidate_is_named(booth: Recorder, specialist: AiortcSpecialist, candidate: str) -> None:
    await booth.engine.prepare((), relay_only=False)
    await booth.engine.accept_offer(await specialist.offer())
    if candidate == "candidate:":
        await booth.engine.add_candidate(candidate, "0")  # an empty one only says that no more come
        return
    with pytest.raises(CallError, match="bad-candidate"):
        await booth.engine.add_candidate(candidate, "0")


async def test_a_bad_server_address_is_named(booth: Recorder) -> None:
    with pytest.raises(CallError, match="bad-server"):
        await booth.engine.prepare((IceServer("http://example.org", "", ""),), relay_only=False)


async def test_no_server_but_ours_is_ever_asked() -> None:
    """Without a list aiortc asks a public STUN server; ours is a list even when it is empty."""
    assert RTCIceGatherer.getDefaultIceServers(), "aiortc no longer has a default server"
    assert configuration((), relay_only=False).iceServers == []


async def test_relay_only_without_a_relay_has_no_candidate(booth: Recorder, specialist: AiortcSpecialist) -> None:
    await booth.engine.prepare((), relay_only=True)
    with pytest.raises(CallError, match="no-candidate"):
        await booth.engine.accept_offer(await specialist.offer())


async def test_a_peer_that_goes_is_told(booth: Recorder, specialist: AiortcSpecialist) -> None:
    await booth.engine.prepare((), relay_only=False)
    await connect(booth, specialist)
    await specialist.connection.close()
    await until(lambda: booth.states[-1].state == "closed")


def silenced(specialist: AiortcSpecialist) -> None:
    """Nothing of the specialist's media or reports goes out any more, as when its way is cut."""

    async def nothing(_: bytes) -> None:
        return

    for transceiver in specialist.connection.getTransceivers():
        vars(transceiver.receiver.transport)["_send_rtp"] = nothing


async def test_a_way_that_is_cut_is_told_within_five_seconds_and_a_new_offer_resumes_the_call(
    booth: Recorder, specialist: AiortcSpecialist
) -> None:
    """Another connection, the same certificate: the fingerprints that both sides have agreed on still hold."""
    known = await booth.engine.prepare((), relay_only=False)
    await connect(booth, specialist)
    await until(lambda: len(booth.pictures) > 5)
    silenced(specialist)
    await until(lambda: booth.states[-1] == State("failed", "connection-lost"), seconds=5.5)
    booth.states.clear()
    before, again = len(booth.pictures), AiortcSpecialist()
    answer = await connect(booth, again)
    assert all(digits in answer for digits in (one.split()[1] for one in known))
    await until(lambda: len(booth.pictures) > before + 20 and len(again.pictures) > 20)
    await again.close()


async def test_a_new_offer_during_a_call_replaces_it(booth: Recorder, specialist: AiortcSpecialist) -> None:
    """The page has lost its network and begins anew before the booth has noticed."""
    await booth.engine.prepare((), relay_only=False)
    await connect(booth, specialist)
    again = AiortcSpecialist()
    booth.states.clear()
    await connect(booth, again)
    await until(lambda: len(again.pictures) > 20)
    assert booth.states[-1] == State("connected", "")
    await again.close()


async def test_a_farewell_ends_the_call_even_when_the_connection_stays(booth: Recorder, specialist: AiortcSpecialist) -> None:
    await booth.engine.prepare((), relay_only=False)
    await connect(booth, specialist)
    await until(lambda: len(booth.pictures) > 5)
    transceiver = specialist.connection.getTransceivers()[1]
    send = transceiver.receiver.transport._send_rtp
    silenced(specialist)
    await send(bytes(RtcpByePacket(sources=[transceiver.sender._ssrc])))
    await until(lambda: booth.states[-1] == State("closed", "closed-by-peer"), seconds=3)


def hostile(chance: random.Random, payload_types: list[int], source: int) -> bytes:
    """One packet that an authenticated peer should never send: RTP of its payload types from unknown sources, or RTCP about `source`."""
    if chance.random() < 0.4:
        first = bytes([chance.choice([0x80, 0x90, 0xB0, 0x8F]), chance.choice(payload_types) | chance.choice([0, 0x80])])
        return first + chance.randbytes(10) + chance.randbytes(chance.choice([0, 1, 2, 3, 5, 20, 100]))
    body = chance.randbytes(4) + source.to_bytes(4, "big") + chance.choice([b"", b"REMB"]) + chance.randbytes(4 * chance.randrange(9))
    kind = chance.choice([200, 201, 202, 205, 206, 207])
    return bytes([0x80 | chance.choice([0, 1, 2, 4, 15, 31]), kind]) + (len(body) // 4).to_bytes(2, "big") + body


async def test_hostile_media_packets_do_not_end_the_call(booth: Recorder, specialist: AiortcSpecialist) -> None:
    """From the authenticated peer itself, well encrypted: malformed RTP and RTCP; pictures go on afterwards."""
    await booth.engine.prepare((), relay_only=False)
    await connect(booth, specialist)
    await until(lambda: len(booth.pictures) > 5)
    chance = random.Random(1)
    mine, theirs = specialist.connection.getTransceivers()[1], booth.engine._call._video  # type: ignore[attr-defined]
    payload_types = [codec.payloadType for codec in mine._codecs]
    for number in range(1500):
        packet = hostile(chance, payload_types, chance.choice([theirs.sender._ssrc, mine.sender._ssrc]))
        with contextlib.suppress(pylibsrtp.Error):  # too short to be encrypted at all
            await mine.sender.transport._send_rtp(packet)
        if number % 20 == 0:
            await asyncio.sleep(0)
    before = len(booth.pictures)
    await until(lambda: len(booth.pictures) > before + 20, seconds=40)
    assert booth.states[-1] == State("connected", "")


class Missing:
    """A camera that is not there."""

    def open(self) -> Generator[av.VideoFrame, None, None]:
        raise SourceError("no such device")

    def still(self) -> av.VideoFrame:
        raise SourceError("no photograph")


class TakenAway:
    """A camera that is pulled out after ten pictures."""

    def open(self) -> Generator[av.VideoFrame, None, None]:
        pictures = StampedCamera(320, 180).open()
        for _ in range(10):
            yield next(pictures)
        raise SourceError("unplugged")

    def still(self) -> av.VideoFrame:
        raise SourceError("no photograph")


@pytest.mark.parametrize(("camera", "reason"), [(None, "no-camera"), (Missing(), "no-camera"), (TakenAway(), "camera-lost")])
async def test_without_a_camera_the_call_goes_on_and_says_so(specialist: AiortcSpecialist, camera: Missing | None, reason: str) -> None:
    booth = Recorder(AiortcEngine({"booth": camera}, None))
    await booth.engine.prepare((), relay_only=False)
    booth.engine.set_sources(camera=True, microphone=False)
    await connect(booth, specialist)
    await until(lambda: ("camera", reason) in booth.troubles)
    count = len(specialist.pictures)
    await until(lambda: len(specialist.pictures) > count + 2 and len(booth.pictures) > 5)
    assert all(state.state != "failed" for state in booth.states)
    await booth.engine.stop()


class Broken:
    """A camera whose picture makes the encoder raise."""

    def open(self) -> Generator[av.VideoFrame, None, None]:
        pictures = StampedCamera(320, 180).open()
        for _ in range(5):
            yield next(pictures)
        while True:
            next(pictures)
            yield av.VideoFrame(16_400, 16, "yuv420p")  # VP8 codes no more than 16383

    def still(self) -> av.VideoFrame:
        raise SourceError("no photograph")


async def test_a_sender_that_died_is_noticed(specialist: AiortcSpecialist, monkeypatch: pytest.MonkeyPatch) -> None:
    """aiortc ends the sender when the encoder raises, and stays "connected"."""
    monkeypatch.setattr("kiosk.call.peer.STALLED", 0.5)
    booth = Recorder(AiortcEngine({"booth": Broken()}, None))
    await booth.engine.prepare((), relay_only=False)
    booth.engine.set_sources(camera=True, microphone=False)
    await connect(booth, specialist)
    await until(lambda: State("failed", "sender-stalled") in booth.states)
    await booth.engine.stop()


async def test_a_peer_that_never_answers_ends_by_the_deadline(
    booth: Recorder, specialist: AiortcSpecialist, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.call.peer.DEADLINE", 0.3)
    await booth.engine.prepare((), relay_only=False)
    sdp = await specialist.offer()
    await booth.engine.accept_offer(sdp)
    await until(lambda: State("failed", "no-answer") in booth.states)
    await booth.engine.prepare((), relay_only=False)
    await booth.engine.accept_offer("".join(line for line in sdp.splitlines(keepends=True) if "candidate" not in line))
    await until(lambda: State("failed", "no-candidate") in booth.states)


async def test_the_voice_is_a_narrow_stream_and_silence_costs_nearly_nothing(booth: Recorder, specialist: AiortcSpecialist) -> None:
    """Also the guard of the private place where aiortc keeps an encoder: stock Opus would be five times this."""
    await booth.engine.prepare((), relay_only=False)
    await connect(booth, specialist)

    async def sent() -> int:
        stats = await booth.engine._call._audio.sender.getStats()  # type: ignore[attr-defined]
        return sum(entry.bytesSent for entry in stats.values() if entry.type == "outbound-rtp")

    async def rate() -> float:
        before, start = await sent(), asyncio.get_running_loop().time()
        await until(lambda: asyncio.get_running_loop().time() > start + 2)
        return (await sent() - before) * 8 / (asyncio.get_running_loop().time() - start)

    assert await rate() < 3_000
    booth.engine.set_sources(camera=False, microphone=True)
    await until(lambda: ("microphone", "") in booth.troubles)
    assert 8_000 < await rate() < 40_000

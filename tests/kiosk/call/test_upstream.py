"""The private parts of aiortc that the booth uses are there, and are used: an update that changes them fails here."""

import asyncio
import threading
import time

import pytest
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import HeaderExtensions, unpack_header_extensions
from av import AudioFrame, VideoFrame

from kiosk.call import handing, transport_feedback, upstream
from kiosk.call.aiortc_engine import configuration
from kiosk.call.bandwidth import RateController
from kiosk.call.encoders import VoiceEncoder
from kiosk.call.media_path import MediaPath
from kiosk.call.sources import Reader
from kiosk.call.tracks import CameraTrack, MicrophoneTrack
from kiosk.call.upstream.negotiation import PLAYOUT_DELAY
from kiosk.call.video_encoders import Adaptation, LiveH264Encoder
from simulators.camera import StampedCamera
from tests.kiosk.call.specialist import AiortcSpecialist, until


async def test_an_encoder_that_is_given_is_used_and_reports_are_heard() -> None:
    calls: list[bool] = []
    reports: list[upstream.Report] = []

    class Counting(LiveH264Encoder):
        def encode(self, frame: object, force_keyframe: bool = False) -> tuple[list[bytes], int]:
            calls.append(force_keyframe)
            return super().encode(frame, force_keyframe)  # type: ignore[arg-type]

    booth = RTCPeerConnection(configuration((), relay_only=False))
    camera = CameraTrack()
    reader = Reader(StampedCamera(320, 180), camera.give, lambda _: None)
    transceiver = booth.addTransceiver(camera, direction="sendrecv")
    codecs = [one for one in transceiver.sender.getCapabilities("video").codecs if one.mimeType.lower() in {"video/h264", "video/rtx"}]
    transceiver.setCodecPreferences(codecs)
    upstream.hear_reports(transceiver.sender, reports.append)
    specialist = AiortcSpecialist(sends=False)
    control = RateController(time.monotonic())
    upstream.set_encoder(transceiver.sender, Counting(Adaptation(control)))
    await booth.setRemoteDescription(RTCSessionDescription(await specialist.offer(), "offer"))
    await booth.setLocalDescription(await booth.createAnswer())
    assert upstream.send_codec(transceiver, "video/h264")
    assert not upstream.send_codec(transceiver, "video/av1")
    await specialist.accept(booth.localDescription.sdp)
    await until(lambda: len(specialist.pictures) > 10 and any(report.round_trip is not None for report in reports))
    assert len(calls) > 10
    known = [report for report in reports if report.round_trip is not None][-1]
    assert known.round_trip is not None
    assert 0 <= known.round_trip < 2
    assert known.octets > 0
    reader.stop()
    await booth.close()
    await specialist.close()


async def test_a_senders_reports_are_heard_and_a_track_can_have_a_stream_of_its_own() -> None:
    reports: list[tuple[int, int]] = []
    booth = RTCPeerConnection(configuration((), relay_only=False))
    sound, picture = (booth.addTransceiver(kind, direction="sendrecv") for kind in ("audio", "video"))
    upstream.hear_sender(picture.receiver, lambda ntp, timestamp: reports.append((ntp, timestamp)))
    upstream.stream_alone(sound.sender)
    specialist = AiortcSpecialist()
    await booth.setRemoteDescription(RTCSessionDescription(await specialist.offer(), "offer"))
    await booth.setLocalDescription(await booth.createAnswer())
    answer = booth.localDescription.sdp
    streams = [line.split()[0] for line in answer.splitlines() if line.startswith("a=msid:")]
    assert len(set(streams)) == 2
    await specialist.accept(answer)
    await until(lambda: len(reports) > 1 and reports[-1][0] > 0)
    since_1900 = 2_208_988_800
    assert abs((reports[-1][0] >> 32) - since_1900 - time.time()) < 30
    assert 0 < (reports[-1][1] - reports[0][1]) % 2**32 < 90_000 * 30
    await booth.close()
    await specialist.close()


@pytest.mark.parametrize(("offered", "answered"), [("actpass", "passive"), ("active", "passive"), ("passive", "active")])
async def test_the_booth_serves_the_handshake_where_the_offer_leaves_the_choice(offered: str, answered: str) -> None:
    booth = RTCPeerConnection(configuration((), relay_only=False))
    sound = booth.addTransceiver("audio", direction="sendrecv")
    specialist = AiortcSpecialist()
    offer = (await specialist.offer()).replace("a=setup:actpass", f"a=setup:{offered}")
    await booth.setRemoteDescription(RTCSessionDescription(offer, "offer"))
    upstream.serve_handshake(booth, offer)
    await booth.setLocalDescription(await booth.createAnswer())
    answer = booth.localDescription.sdp
    assert {line for line in answer.splitlines() if line.startswith("a=setup:")} == {f"a=setup:{answered}"}
    if offered == "actpass":
        await specialist.accept(answer)
        await until(lambda: sound.receiver.transport.state == "connected")
    await booth.close()
    await specialist.close()


async def test_sound_is_coded_and_decoded_on_the_event_loop() -> None:
    threads: set[threading.Thread] = set()
    taken: list[object] = []

    class Voice(VoiceEncoder):
        def encode(self, frame: object, force_keyframe: bool = False) -> tuple[list[bytes], int]:
            threads.add(threading.current_thread())
            return super().encode(frame, force_keyframe)  # type: ignore[arg-type]

    booth = RTCPeerConnection(configuration((), relay_only=False))
    sound = booth.addTransceiver(MicrophoneTrack(), direction="sendrecv")
    picture = booth.addTransceiver("video", direction="recvonly")
    upstream.set_encoder(sound.sender, Voice(constant=True))
    upstream.encode_here(sound.sender)
    upstream.decode_here(sound.receiver)
    upstream.decode_apart(picture.receiver)
    specialist = AiortcSpecialist()
    await booth.setRemoteDescription(RTCSessionDescription(await specialist.offer(), "offer"))
    await booth.setLocalDescription(await booth.createAnswer())
    await specialist.accept(booth.localDescription.sdp)
    for receiver in (sound.receiver, picture.receiver):
        async with asyncio.timeout(15):
            taken.append(await receiver.track.recv())
    await until(lambda: len(specialist.sounds) > 10)
    assert {type(frame) for frame in taken} == {AudioFrame, VideoFrame}
    assert threads == {threading.main_thread()}
    for receiver, kind in ((sound.receiver, handing.AtOnce), (picture.receiver, handing.Apart)):
        decoding = vars(receiver)["_RTCRtpReceiver__decoder_queue"]
        assert isinstance(decoding, kind)
        assert decoding.used
    await booth.close()
    await specialist.close()


async def test_a_connection_that_is_closed_while_it_is_made_leaves_no_thread() -> None:
    """The process ends with its agent: one decoder's thread that nobody ends would keep it, camera and all, for ever."""
    booth, specialist = RTCPeerConnection(configuration((), relay_only=False)), AiortcSpecialist(sends=True)
    transceiver = booth.addTransceiver("video", direction="sendrecv")
    upstream.travel(transceiver, MediaPath(RateController(time.monotonic())))
    send, closed, known = transceiver.sender.send, asyncio.Event(), set(threading.enumerate())

    async def closing(*given: object) -> None:
        await booth.close()
        await send(*given)  # type: ignore[arg-type]
        asyncio.get_running_loop().call_soon(closed.set)  # once the connection has gone on to its receiver

    vars(transceiver.sender)["send"] = closing
    await booth.setRemoteDescription(RTCSessionDescription(await specialist.offer(), "offer"))
    await booth.setLocalDescription(await booth.createAnswer())
    await specialist.accept(booth.localDescription.sdp)
    await closed.wait()
    left = [thread for thread in set(threading.enumerate()) - known if thread.name == "video-decoder"]
    await specialist.close()
    assert left == []


async def test_a_picture_asks_to_be_shown_at_once_when_the_first_seconds_are_over() -> None:
    """F002-01: 60 to 400 ms until a browser has compared picture and sound by reports, then 0 to 400 (webrtc.org, rtp-hdrext/playout-delay)."""
    seconds = 100.0
    connection = RTCPeerConnection(configuration((), relay_only=False))
    transceiver = connection.addTransceiver("video")
    upstream.travel(transceiver, MediaPath(RateController(0.0), lambda: seconds))
    extensions = vars(transceiver.sender)["_RTCRtpSender__rtp_header_extensions_map"]
    numbered = [(4, transport_feedback.URI), (5, PLAYOUT_DELAY)]
    extensions.configure(RTCRtpParameters(headerExtensions=[RTCRtpHeaderExtensionParameters(id=at, uri=uri) for at, uri in numbered]))
    told = {}
    for seconds in (101.0, 105.0, 120.0):
        told[seconds] = dict(unpack_header_extensions(*extensions.set(HeaderExtensions())))[5]
    await connection.close()
    assert told == {101.0: bytes([0, 6 << 4, 40]), 105.0: bytes([0, 6 << 4, 40]), 120.0: bytes([0, 0, 40])}


def test_a_part_that_is_gone_is_named() -> None:
    class Other:
        pass

    with pytest.raises(upstream.ChangedUpstreamError, match="_RTCRtpSender__encoder"):
        upstream.set_encoder(Other(), None)  # type: ignore[arg-type]

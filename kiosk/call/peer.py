"""One peer connection of aiortc: the specialist's page offers, the booth answers."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Any, Final

from aiortc import RTCCertificate, RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.exceptions import InternalError, InvalidAccessError, InvalidStateError, OperationError
from aiortc.mediastreams import MediaStreamError
from aiortc.sdp import candidate_from_sdp
from aiortc.stats import RTCRemoteInboundRtpStreamStats, RTCTransportStats
from av import AudioFrame, VideoFrame

from kiosk.call import upstream
from kiosk.call.bandwidth import BEGINNING, EASE, RateController, SoundLadder
from kiosk.call.encoders import HeartEncoder, VoiceEncoder
from kiosk.call.engine import CallError
from kiosk.call.jitter import DeadlineBuffer, Requests
from kiosk.call.media_path import MediaPath
from kiosk.call.sound_buffer import SoundBuffer
from kiosk.call.sources import AUDIO_RATE
from kiosk.call.statistics import Pictures, Rate
from kiosk.call.sync import LENIENCE, Sync
from kiosk.call.tracks import CLOCK as VIDEO_RATE
from kiosk.call.video_encoders import Adaptation, LadderVp8Encoder, LiveH264Encoder
from protocol.engine import State, Statistics

if TYPE_CHECKING:
    from aiortc import MediaStreamTrack, RTCRtpTransceiver

    from kiosk.call.aiortc_engine import AiortcEngine
    from kiosk.call.stethoscope import StethoscopeTrack
    from kiosk.call.upstream import Report
    from protocol.left import PictureLeft, SoundLeft

log = logging.getLogger("telecabine.call")

#: from the answer to the first "connected", in seconds
DEADLINE: Final = 10.0
#: without a picture leaving for this long while connected, the sender is dead, in seconds
STALLED: Final = 5.0
#: a browser says something ten times a second; without a packet for this long the way is gone, in seconds
SILENT: Final = 4.0
#: after a farewell (RTCP BYE), without any media since, the other side is taken to have gone: seconds
FAREWELL: Final = 0.7
#: for closing a connection in order, in seconds
CLOSING: Final = 1.5
#: how often it is looked whether a lost packet is asked for again, while one is missing, in seconds
ASK_AGAIN: Final = 0.02

#: what aiortc raises for a description that it cannot use
BAD_SDP: Final = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    AssertionError,
    InternalError,
    InvalidAccessError,
    InvalidStateError,
    OperationError,
)


def fingerprints(connection: RTCPeerConnection) -> tuple[str, ...]:
    """The fingerprints of a connection's own certificate, "sha-256 AB:CD:…", sorted. It needs a transceiver, not an offer."""
    transport = connection.getTransceivers()[0].receiver.transport
    return tuple(sorted({f"{print_.algorithm.lower()} {print_.value.upper()}" for print_ in transport.getLocalParameters().fingerprints}))


class Call:
    """One peer connection, from its certificate to its end."""

    def __init__(self, engine: AiortcEngine, settings: RTCConfiguration, certificate: RTCCertificate) -> None:
        self._engine = engine
        self.certificate = certificate
        self.offered = False
        upstream.negotiate_feedback()
        upstream.spare_the_level()
        self._connection = RTCPeerConnection(settings)
        upstream.use_certificate(self._connection, certificate)
        self.microphone, self.camera = engine.tracks()
        self._control = RateController(engine.clock(), thin=engine.thin)
        self._path = MediaPath(self._control, engine.clock)
        self._audio = self._add(self.microphone, "audio/opus")
        self._video = self._add(self.camera, "video/vp8", "video/h264", "video/rtx")
        self._adaptation = Adaptation(self._control, engine.clock, lambda: self._path.full)
        self._video_rate = Rate()
        self._sound = SoundLadder(engine.clock(), EASE if engine.thin else BEGINNING)
        upstream.set_encoder(self._audio.sender, VoiceEncoder(self._how_much_sound, constant=engine.constant_voice))
        self._missing = asyncio.Event()
        self._buffer, self._heard = DeadlineBuffer(engine.clock), SoundBuffer(engine.clock)
        self._requests = Requests(engine.clock, on_gap=self._missing.set)
        upstream.receive_with(self._video.receiver, self._buffer, self._requests)
        self._path.repairing = lambda: self._requests.oldest
        upstream.hear_with(self._audio.receiver, self._heard)
        upstream.decode_apart(self._video.receiver)
        upstream.decode_here(self._audio.receiver)
        self._sync = Sync()
        self._path.on_recorded = self._sync.recorded
        upstream.hear_sender(self._video.receiver, lambda ntp, timestamp: self._sync.reported("video", ntp, timestamp))
        upstream.hear_sender(self._audio.receiver, lambda ntp, timestamp: self._sync.reported("audio", ntp, timestamp))
        ntp = upstream.wall(engine.clock)
        upstream.tell_recorded(self._audio.sender, AUDIO_RATE, self._sound_start, engine.clock, ntp)
        upstream.tell_recorded(self._video.sender, VIDEO_RATE, lambda: self.camera.start, engine.clock, ntp)
        upstream.hear_reports(self._video.sender, self._reported)
        upstream.hear_reports(self._audio.sender, self._trip)
        self.fingerprints = fingerprints(self._connection)
        self._auscultation: StethoscopeTrack | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended = False
        self._received = Pictures()
        self._last_sent = (0, engine.clock())
        self._sent_rate, self._received_rate, self._out, self._in = Rate(), Rate(), Rate(), Rate()
        self.channel = engine.channel()
        self._connection.on("datachannel", self.channel.opened)
        self._connection.on("track", self._track)
        self._connection.on("connectionstatechange", self._changed)

    def _sound_start(self) -> float | None:
        return None if self.microphone.start is None else self.microphone.start + LENIENCE

    def _add(self, track: MediaStreamTrack, *wanted: str) -> RTCRtpTransceiver:
        transceiver = self._connection.addTransceiver(track, direction="sendrecv")
        codecs = RTCRtpSender.getCapabilities(track.kind).codecs
        upstream.travel(transceiver, self._path)
        if track.kind == "audio":
            upstream.encode_here(transceiver.sender)
        upstream.harden(transceiver.receiver.transport)
        transceiver.setCodecPreferences([codec for name in wanted for codec in codecs if codec.mimeType.lower() == name])
        return transceiver

    async def accept(self, sdp: str) -> str:
        """The answer to an offer; from here the deadline runs."""
        self.offered = True
        if sdp.count("\nm=audio ") > 1:  # a page that can listen; without such a section the transceiver would never connect
            self._auscultation = self._engine.stethoscope.track()
            heart = self._add(self._auscultation, "audio/opus")
            upstream.stream_alone(heart.sender)
            upstream.set_encoder(heart.sender, HeartEncoder(lambda: self._sound.sound))
        try:
            await self._connection.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
            if self._connection.sctp is not None:
                upstream.harden_data(self._connection.sctp)
            upstream.serve_handshake(self._connection, sdp)
            await self._connection.setLocalDescription(await self._connection.createAnswer())
        except BAD_SDP as error:
            await self._fail("")
            raise CallError("bad-offer", f"{type(error).__name__}: {error}") from None
        except OSError as error:
            await self._fail("")
            raise CallError("no-candidate", str(error)) from None
        self._choose_encoder()
        answer: str = self._connection.localDescription.sdp
        if "a=candidate:" not in answer:
            await self._fail("")
            raise CallError("no-candidate", "this machine has no usable address")
        self._run(self._watch())
        self._run(self._ask_again())
        self._run(self._path.run())
        self._run(self._leave_estimating())
        return answer

    def _choose_encoder(self) -> None:
        """H.264 where the other side takes it: a quarter of the work of a picture, and rates that change without a key frame.

        The answer names VP8 first, for what comes here: a browser's H.264 encoder leaves pictures out on a thin link.
        """
        if upstream.send_codec(self._video, "video/h264"):
            encoder: LiveH264Encoder | LadderVp8Encoder = LiveH264Encoder(self._adaptation)
        else:
            encoder = LadderVp8Encoder(self._adaptation)
        upstream.set_encoder(self._video.sender, encoder)

    def _how_much_sound(self) -> SoundLeft:
        now = self._engine.clock()
        return self._sound.update(self._control.queue, now, least=self._adaptation.ladder.least, blocked=self._path.blocked)

    async def _leave_estimating(self) -> None:
        await self._path.heard.wait()
        upstream.leave_estimating(self._video.receiver)

    async def _ask_again(self) -> None:
        while True:
            await self._missing.wait()
            while self._requests.waiting:
                await asyncio.sleep(ASK_AGAIN)
                await upstream.ask_again(self._video.receiver, self._requests)
            self._missing.clear()

    def _trip(self, report: Report) -> None:
        """The sound's reports tell of the same path, twice as often together."""
        if report.round_trip is not None:
            self._control.trip(report.round_trip, self._engine.clock())

    def _reported(self, report: Report) -> None:
        if report.round_trip is not None:
            self._requests.round_trip = self._buffer.round_trip = report.round_trip
        now = self._engine.clock()
        self._control.report(report.loss, report.round_trip, self._video_rate.per_second(report.octets * 8, now), now)

    async def add_candidate(self, candidate: str, mid: str) -> None:
        """A trickled candidate of the other side."""
        text = candidate.removeprefix("a=").removeprefix("candidate:").strip()
        try:
            parsed = candidate_from_sdp(text) if text else None
            if parsed:
                parsed.sdpMid = mid
            await self._connection.addIceCandidate(parsed)
        except BAD_SDP as error:
            raise CallError("bad-candidate", f"{type(error).__name__}: {error}") from None

    def _run(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _changed(self) -> None:
        state = self._connection.connectionState
        if self._ended or state == "new":
            return
        if state == "failed":
            failed = any(t.receiver.transport.state == "failed" for t in self._connection.getTransceivers())
            self._run(self._fail("not-authentic" if failed else "connection-lost"))
        elif state == "closed":
            self._run(self._fail("closed-by-peer"))
        else:
            self._engine.on_state(State("connected" if state == "connected" else "connecting", ""))

    async def _fail(self, reason: str) -> None:
        """End the call; tell why, unless the caller does."""
        if self._ended:
            return
        await self.close()
        if reason:
            closed = reason == "closed-by-peer"
            self._engine.on_state(State("closed" if closed else "failed", reason))

    async def _watch(self) -> None:
        """Deadline of the start, then watchdog of the sender: "connected" alone says nothing about moving pictures."""
        clock = self._engine.clock
        start = clock()
        while self._connection.connectionState != "connected":
            if clock() - start > DEADLINE:
                known = self._video.receiver.transport.transport.getRemoteCandidates()
                self._run(self._fail("no-answer" if known else "no-candidate"))
                return
            await asyncio.sleep(0.1)
        self._last_sent = (0, clock())
        self._path.arrived = clock()
        while True:
            await asyncio.sleep(0.25)
            sent, at = self.camera.count, clock()
            self.channel.look(room=self._adaptation.ladder.wide or not self._pictured(at))
            if self._path.left is not None and at - self._path.left > FAREWELL and self._path.arrived <= self._path.left:
                self._run(self._fail("closed-by-peer"))
                return
            if at - self._path.arrived > SILENT:
                self._run(self._fail("connection-lost"))
                return
            if self._video.currentDirection not in ("sendrecv", "sendonly"):
                continue
            if sent != self._last_sent[0]:
                self._last_sent = (sent, at)
            elif at - self._last_sent[1] > STALLED:
                self._run(self._fail("sender-stalled"))
                return

    def _pictured(self, now: float) -> bool:
        """Whether there are pictures on the link, of either side."""
        return self._engine.camera_on or self._received.fresh(now)

    def _track(self, track: MediaStreamTrack) -> None:
        self._run(self._pictures(track) if track.kind == "video" else self._sounds(track))

    async def _pictures(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                if isinstance(frame, VideoFrame):
                    timestamp = (frame.pts or 0) + (self._buffer.origin or 0)
                    await asyncio.sleep(self._sync.hold(timestamp, self._engine.clock()))
                    self._received.add(self._engine.clock())
                    self._engine.received(frame)

    async def _sounds(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                if isinstance(frame, AudioFrame):
                    self._engine.on_sound(frame)

    def heard(self, pts: int, at: float) -> float:
        """See the engine's."""
        return self._sync.heard(pts + (self._heard.origin or 0), at)

    @property
    def left(self) -> tuple[PictureLeft, SoundLeft]:
        """What the link leaves of picture and sound."""
        return "none" if self._path.given_up else self._adaptation.picture, self._sound.sound

    async def statistics(self, now: float) -> Statistics | None:
        """The second's figures; None while not connected."""
        if self._ended or self._connection.connectionState != "connected":
            return None
        loss, round_trip = 0.0, None
        sent = received = 0
        for entry in (await self._video.sender.getStats()).values():
            if isinstance(entry, RTCRemoteInboundRtpStreamStats):
                loss = entry.fractionLost / 256
                round_trip = entry.roundTripTime
            elif isinstance(entry, RTCTransportStats):
                sent, received = entry.bytesSent, entry.bytesReceived
        return Statistics(
            sent_fps=round(self._sent_rate.per_second(self._adaptation.coded, now), 1),
            received_fps=round(self._received_rate.per_second(self._received.count, now), 1),
            sent_kbps=round(self._out.per_second(sent * 8 / 1000, now), 1),
            received_kbps=round(self._in.per_second(received * 8 / 1000, now), 1),
            loss=round(loss, 3),
            round_trip_ms=None if round_trip is None else round(round_trip * 1000, 1),
            freeze_ms=round(self._received.longest_gap(now) * 1000, 1),
            picture=self.left[0],
            sound=self.left[1],
        )

    async def close(self) -> None:
        """Close the connection and free the devices. Twice is once."""
        if self._ended:
            return
        self._ended = True
        self.channel.look(room=False)
        for track in (self.camera, self.microphone, self._auscultation):
            if track is not None:
                track.stop()
        current = asyncio.current_task()
        for task in tuple(self._tasks):
            if task is not current:
                task.cancel()
        await upstream.close(self._connection, CLOSING)

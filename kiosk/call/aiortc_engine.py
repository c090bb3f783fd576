"""The call engine made of aiortc: sources, certificate and relays, and one peer connection at a time. Every reconnect is a new one."""

from __future__ import annotations

import asyncio
import itertools
import time
from typing import TYPE_CHECKING

from aiortc import RTCCertificate, RTCConfiguration, RTCIceServer
from aiortc.rtcconfiguration import RTCIceTransportPolicy
from aiortc.rtcicetransport import connection_kwargs

from kiosk.call import relays, upstream
from kiosk.call.cameras import BOOTH, Cameras
from kiosk.call.channel import SealedChannel
from kiosk.call.engine import CallError
from kiosk.call.microphone import Microphone
from kiosk.call.peer import Call
from kiosk.call.photo import PhotoError, encoded
from kiosk.call.sources import SourceError
from kiosk.call.stethoscope import Stethoscope
from kiosk.call.tracks import CameraTrack, MicrophoneTrack

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from av import AudioFrame, VideoFrame

    from kiosk.call.photo import Photo
    from kiosk.call.sources import Camera, Device
    from protocol.engine import Channel, IceServer, Relay, State, Statistics


class AiortcEngine:
    """See `CallEngine`. `on_trouble(kind, reason)` tells of a missing camera, microphone or stethoscope ("" when it works again).

    `cameras` by name: `BOOTH` is the booth's own, every other one an exam camera. `on_heard(sequence, samples, at)` gets what the
    stethoscope hears.
    """

    def __init__(
        self,
        cameras: Mapping[str, Camera | None],
        microphone: Device[AudioFrame] | None,
        stethoscope: Device[AudioFrame] | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.on_state: Callable[[State], None] = lambda _: None
        self.on_picture: Callable[[VideoFrame], None] = lambda _: None
        self.on_sound: Callable[[AudioFrame], None] = lambda _: None
        self.on_channel: Callable[[Channel | Relay], None] = lambda _: None
        self.on_trouble: Callable[[str, str], None] = lambda _kind, _reason: None
        self.cameras = Cameras(cameras, lambda name, reason: self.on_trouble("camera" if name == BOOTH else name, reason))
        self.microphone = Microphone(microphone, lambda reason: self.on_trouble("microphone", reason), clock)
        self.on_heard: Callable[[int, bytes, float], None] = lambda _sequence, _samples, _at: None
        self.stethoscope = Stethoscope(
            stethoscope, lambda reason: self.on_trouble("stethoscope", reason), lambda *piece: self.on_heard(*piece), clock
        )
        self._clock = clock
        self.constant_voice = False  #: see `VoiceEncoder`; for calls from now on
        self.thin = False  #: see `prepare`; for calls from now on
        self._sent, self._seen, self._voice = "", "", False
        self._call: Call | None = None
        self._channels = itertools.count(1)
        self.identity = b""
        self._settings = RTCConfiguration(iceServers=[])
        self._relays: asyncio.Task[tuple[list[RTCIceServer], list[str]]] | None = None

    async def prepare(
        self, servers: Sequence[IceServer], *, relay_only: bool, identity: bytes = b"", thin: bool = False
    ) -> tuple[str, ...]:
        """See `CallEngine`."""
        await self.stop()
        try:
            certificate = upstream.read_certificate(identity) if identity else RTCCertificate.generateCertificate()
        except (ValueError, TypeError) as error:
            raise CallError("bad-identity", type(error).__name__) from None
        self.identity = upstream.write_certificate(certificate)
        self._settings, self.thin = configuration(servers, relay_only=relay_only), thin
        self._relays = asyncio.get_running_loop().create_task(relays.usable(self._settings.iceServers or [])) if servers else None
        return self._connect(certificate).fingerprints

    def _connect(self, certificate: RTCCertificate) -> Call:
        self._call = call = Call(self, self._settings, certificate)
        self.cameras.sent, self.microphone.sent = call.camera.give, call.microphone.give
        self._apply()
        return call

    def channel(self) -> SealedChannel:
        """A new data channel's part for one call."""
        return SealedChannel(next(self._channels), lambda message: self.on_channel(message))

    @property
    def camera_on(self) -> bool:
        """Whether a picture of the booth is sent, or black."""
        return self._sent != ""

    def tracks(self) -> tuple[MicrophoneTrack, CameraTrack]:
        """New tracks for one call."""
        return MicrophoneTrack(self._clock), CameraTrack(self._clock)

    async def accept_offer(self, sdp: str) -> str:
        """See `CallEngine`."""
        call = self._call
        if call is None:
            raise CallError("not-prepared")
        if self._relays is not None:
            call = await self._by_a_relay_that_works(call, self._relays)
        elif call.offered:  # the other side begins anew: another connection, of the certificate that both sides have agreed on
            await call.close()
            call = self._connect(call.certificate)
        return await call.accept(sdp)

    async def _by_a_relay_that_works(self, call: Call, tried: asyncio.Task[tuple[list[RTCIceServer], list[str]]]) -> Call:
        """The same call with the servers that work, now that they were tried."""
        policy = self._settings.iceTransportPolicy
        servers, failures = await asyncio.shield(tried)
        self._relays = None
        if policy is RTCIceTransportPolicy.RELAY and failures and not any(str(server.urls).startswith("turn") for server in servers):
            raise CallError("no-relay", "; ".join(failures))
        self._settings = RTCConfiguration(iceServers=servers, iceTransportPolicy=policy)
        await call.close()
        return self._connect(call.certificate)

    async def add_candidate(self, candidate: str, mid: str) -> None:
        """See `CallEngine`."""
        if self._call is None:
            raise CallError("not-prepared")
        await self._call.add_candidate(candidate, mid)

    def set_sources(self, *, camera: bool, microphone: bool, exam: str = "", seen: str = "") -> None:
        """See `CallEngine`."""
        self._sent, self._seen, self._voice = exam or (BOOTH if camera else ""), seen, microphone
        self._apply()

    def _apply(self) -> None:
        self.cameras.select(sent=self._sent if self._call else "", seen=self._seen)
        self.microphone.select(sent=self._voice and self._call is not None, heard=self._seen == BOOTH)
        if self._call and not self._voice:
            self._call.microphone.clear()

    async def photograph(self, camera: str) -> Photo:
        """See `CallEngine`."""
        try:
            frame = await self.cameras.still(camera)
            return await asyncio.get_running_loop().run_in_executor(None, encoded, frame)
        except SourceError as error:
            raise CallError(error.reason or "camera-lost", str(error)) from None
        except PhotoError as error:
            raise CallError("photo-failed", str(error)) from None

    def relay(self, message: Relay) -> None:
        """See `CallEngine`."""
        if self._call:
            self._call.channel.send(message)

    def auscultate(self, *, on: bool, listening: bool) -> None:
        """See `CallEngine`."""
        self.stethoscope.switch(on=on, listening=listening)

    def received(self, frame: VideoFrame) -> None:
        """A picture of the specialist; shown by `on_picture`."""
        self.on_picture(frame)

    def heard(self, pts: int, at: float) -> float:
        """A piece of `on_sound` is heard at this time; by how many seconds it had better be later. Called on the loudspeaker's thread."""
        return call.heard(pts, at) if (call := self._call) else 0.0

    async def statistics(self) -> Statistics | None:
        """See `CallEngine`."""
        return await self._call.statistics(self._clock()) if self._call else None

    @property
    def left(self) -> tuple[str, str] | None:
        """What the link leaves of picture and sound, as `Statistics` says it; None without a call."""
        return self._call.left if self._call else None

    async def stop(self) -> None:
        """See `CallEngine`."""
        if self._relays is not None:
            self._relays.cancel()
            self._relays = None
        call, self._call = self._call, None
        self._apply()
        if call:
            await call.close()

    @property
    def clock(self) -> Callable[[], float]:
        """The monotonic clock of this engine."""
        return self._clock


def configuration(servers: Sequence[IceServer], *, relay_only: bool) -> RTCConfiguration:
    """The connection's settings.

    The bundle policy stays aiortc's own: with "max-bundle" it stops the shared transport when the offer's first section is not our first
    transceiver. The list of servers is always given: without one, aiortc asks a public STUN server.

    Raises:
        CallError: "bad-server".
    """
    listed = [RTCIceServer(server.urls, server.username or None, server.credential or None) for server in servers]
    try:
        connection_kwargs(listed)
    except ValueError as error:
        raise CallError("bad-server", str(error)) from None
    policy = RTCIceTransportPolicy.RELAY if relay_only else RTCIceTransportPolicy.ALL
    return RTCConfiguration(iceServers=listed, iceTransportPolicy=policy)

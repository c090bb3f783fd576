"""The specialist's end of a call: aiortc in this process, or headless Chromium with a small page of our own."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from aiohttp import web
from aiortc import AudioStreamTrack, MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from aiortc.rtp import is_rtcp
from av import AudioFrame, VideoFrame
from playwright.async_api import Page, async_playwright

from kiosk.call.sources import Reader
from kiosk.call.tracks import CameraTrack
from protocol.engine import IceServer
from simulators.camera import StampedCamera

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
)
#: sending and receiving on a machine that has only loopback
LOOPBACK = ("--use-fake-device-for-media-stream", "--allow-loopback-in-peer-connection")

PAGE = """<!doctype html><meta charset=utf-8><title>specialist</title><video autoplay muted playsinline></video><script>
'use strict';
const seen = {frames: 0, distinct: 0, unreadable: 0, last: -1, ages: [], width: 0};
const perSecond = [];
let before = 0, peer, candidates = [], local;
const canvas = document.createElement('canvas'); canvas.width = 320; canvas.height = 8;
const context = canvas.getContext('2d', {willReadFrequently: true});
function stamp(video) {
  const w = video.videoWidth, h = video.videoHeight;
  context.drawImage(video, 0, 0.012 * h, w, 0.02 * h, 0, 0, 320, 8);
  const row = context.getImageData(0, 4, 320, 1).data;
  let bytes = [0, 0, 0, 0];
  for (let k = 0; k < 32; k++) {
    const p = (k * 10 + 5) * 4, luma = 0.299 * row[p] + 0.587 * row[p + 1] + 0.114 * row[p + 2];
    if (luma > 120) bytes[k >> 3] |= 1 << (k & 7);
  }
  if ((bytes[0] ^ bytes[1] ^ bytes[2] ^ 0x5A) !== bytes[3]) return null;
  return bytes[0] | bytes[1] << 8 | bytes[2] << 16;
}
function watch() {
  const video = document.querySelector('video');
  const each = () => {
    const now = Math.floor(performance.timeOrigin + performance.now());
    const n = stamp(video);
    seen.frames++; seen.width = video.videoWidth;
    if (n === null) seen.unreadable++;
    else if (n !== seen.last) { seen.distinct++; seen.last = n; const age = (now % 16777216 - n + 16777216) % 16777216; if (age < 600000) seen.ages.push(age); }
    video.requestVideoFrameCallback(each);
  };
  video.requestVideoFrameCallback(each);
}
async function offer(send) {
  peer = new RTCPeerConnection({iceServers: []});
  candidates = [];
  peer.onicecandidate = e => candidates.push([e.candidate ? e.candidate.candidate : '', e.candidate ? e.candidate.sdpMid : '']);
  peer.ontrack = e => { if (e.track.kind === 'video') { document.querySelector('video').srcObject = new MediaStream([e.track]); watch(); } };
  if (send) {
    local = await navigator.mediaDevices.getUserMedia({audio: true, video: {width: 640, height: 360, frameRate: 30}});
    for (const track of local.getTracks()) peer.addTrack(track, local);
  } else {
    peer.addTransceiver('audio', {direction: 'recvonly'});
    peer.addTransceiver('video', {direction: 'recvonly'});
  }
  for (const one of peer.getTransceivers()) {  // as the page does
    const asked = one.getHeaderExtensionsToNegotiate();
    one.setHeaderExtensionsToNegotiate(asked.map(x => x.uri.endsWith('/abs-capture-time') ? {...x, direction: 'sendrecv'} : x));
  }
  peer.addTransceiver('audio', {direction: 'recvonly'});  // as the page does, for the stethoscope
  await peer.setLocalDescription();
  return peer.localDescription.sdp;
}
async function estimate() {
  return [...(await peer.getStats()).values()].find(s => s.type === 'candidate-pair' && s.nominated).availableOutgoingBitrate;
}
async function codecs() {
  const all = [...(await peer.getStats()).values()];
  const name = s => all.find(c => c.id === s.codecId).mimeType.split('/')[1];
  return [name(all.find(s => s.type === 'outbound-rtp' && s.kind === 'video')) + ' sent',
          name(all.find(s => s.type === 'inbound-rtp' && s.kind === 'video')) + ' received'];
}
async function accept(sdp) { await peer.setRemoteDescription({type: 'answer', sdp}); }
</script>"""


@asynccontextmanager
async def chromium(
    *flags: str, executable: str = "/usr/bin/chromium", permissions: Sequence[str] = ("camera", "microphone"), address: str = "127.0.0.1"
) -> AsyncIterator[Page]:
    """A page served from `address`, in a browser of its own."""

    async def serve(_: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    application = web.Application()
    application.router.add_get("/", serve)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, address, 0)
    await site.start()
    assert site._server
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
    try:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=executable, args=[*FLAGS, *flags])
            context = await browser.new_context(permissions=list(permissions))
            page = await context.new_page()
            await page.goto(f"http://{address}:{port}/")
            yield page
            await browser.close()
    finally:
        await runner.cleanup()


class AiortcSpecialist:
    """A peer connection in this process that offers sound and picture, and counts what it gets."""

    def __init__(self, *, sends: bool = True, servers: Sequence[IceServer] = (), sound: MediaStreamTrack | None = None) -> None:
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.pictures: list[VideoFrame] = []
        self.sounds: list[AudioFrame] = []
        self.media: list[bytes] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._reader: Reader | None = None
        self.connection.on("track", lambda track: self._tasks.append(asyncio.ensure_future(self._take(track))))
        if sends:
            self.camera = CameraTrack()
            self._reader = Reader(StampedCamera(320, 180), self.camera.give, lambda _: None)
            self.connection.addTrack(sound or AudioStreamTrack())
            self.connection.addTrack(self.camera)
        else:
            self.connection.addTransceiver("audio", direction="recvonly")
            self.connection.addTransceiver("video", direction="recvonly")

    async def _take(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                frame = await track.recv()
                if isinstance(frame, VideoFrame):
                    self.pictures.append(frame)
                elif isinstance(frame, AudioFrame):
                    self.sounds.append(frame)
        except MediaStreamError:
            return

    def listen(self) -> None:
        """Keep what of the booth's media comes out of the encryption, packet by packet, in `media`. Before the connection is made."""
        transport = self.connection.getTransceivers()[0].receiver.transport
        handle = transport._handle_rtp_data

        async def heard(data: bytes, arrival_time_ms: int) -> None:
            self.media.append(data)
            await handle(data, arrival_time_ms)

        vars(transport)["_handle_rtp_data"] = heard

    def lose(self, every: int) -> None:
        """Lose every n-th media packet that is sent, retransmissions too; reports go through. Before the connection is made."""
        transport = self.connection.getTransceivers()[0].receiver.transport
        send, count = transport._send_rtp, itertools.count(1)

        async def lossy(data: bytes) -> None:
            if is_rtcp(data) or next(count) % every:
                await send(data)

        vars(transport)["_send_rtp"] = lossy

    async def offer(self) -> str:
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return str(self.connection.localDescription.sdp)

    async def accept(self, sdp: str) -> None:
        await self.connection.setRemoteDescription(RTCSessionDescription(sdp, "answer"))

    async def close(self) -> None:
        """End it; not in the middle of its handshake, since aiortc then starts receivers that it has stopped, whose tracks never end."""
        if self._reader is not None:
            self._reader.stop()
        with suppress(TimeoutError):
            await until(lambda: all(one.receiver.transport.state != "connecting" for one in self.connection.getTransceivers()), 2)
        await self.connection.close()
        await asyncio.gather(*self._tasks)


async def until(condition, seconds: float = 15) -> None:  # type: ignore[no-untyped-def]
    """Wait for something that another task brings about."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 -- what is awaited is another program's doing
            await asyncio.sleep(0.02)

"""What a doctor hears of a heart: tones and beats through a real call, from the call process to headless Chromium. Run: `./run bench heart`.

The same signal goes four ways: as the samples that are sealed (4 kHz, 16 bit), by the stethoscope's own track, by the booth's voice track, and by
stock aiortc. What Chromium plays is recorded in the page before any loudspeaker. Levels are in dB of what went in, the median of five fifths of a second in the
middle of each tone, so that a hole that a busy machine makes does not count as the codec's;
for the two ways that are made for speech they are relative to 400 Hz, since stock aiortc loses 3 dB everywhere by mixing to stereo. The
correlation is that of each beat's waveform with the composed one, at 48 kHz, shifted to where it fits best.
"""

from __future__ import annotations

import array
import asyncio
import base64
import math
import sys
import tempfile
import wave
from dataclasses import dataclass
from operator import mul
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

from aiohttp import web
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaPlayer
from playwright.async_api import async_playwright

from protocol.engine import Answer, Auscultate, Heard, Offer, Prepare, Prepared, RemoteCandidate, Sources, Statistics
from protocol.sound import RATE
from simulators import heart
from simulators.call import allow_loopback
from simulators.doctor import CHROMIUM, FLAGS
from tests.kiosk.call.agent import Agent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.async_api import Page

FULL = 48_000
TONES: Final = (20, 25, 31.5, 40, 50, 63, 80, 100, 125, 160, 200, 250, 315, 400, 500, 630, 800, 1000)
TONE_S, LEAD_S, BEATS = 1.6, 3.0, 20
LIMIT_DB, LIMIT_CORRELATION = 0.5, 0.999
BEAT: Final = heart.beat()
#: every so many samples of 48 kHz are enough to find a beat: nothing in it is above 200 Hz
COARSE: Final = 12
#: the part of a beat that holds both sounds
SOUNDS: Final = round((heart.SYSTOLE_S + heart.BURST_S) * FULL)

PAGE = """<!doctype html><meta charset=utf-8><title>ear</title><script>
'use strict';
let peer, candidates = [], pieces = [], context, before = [0, 0, 0];
const worklet = `registerProcessor('tap', class extends AudioWorkletProcessor {
  process([input]) { if (input[0]) this.port.postMessage(input[0].slice()); return true; } })`;
async function offer() {
  context = new AudioContext({sampleRate: 48000});
  await context.audioWorklet.addModule(URL.createObjectURL(new Blob([worklet], {type: 'text/javascript'})));
  peer = new RTCPeerConnection({iceServers: []});
  peer.onicecandidate = e => candidates.push([e.candidate ? e.candidate.candidate : '', e.candidate ? e.candidate.sdpMid : '']);
  for (const kind of ['audio', 'video', 'audio']) peer.addTransceiver(kind, {direction: 'recvonly'});
  await peer.setLocalDescription();
  return peer.localDescription.sdp;
}
async function whole() {
  while (peer.iceGatheringState !== 'complete') await new Promise(r => setTimeout(r, 50));
  return peer.localDescription.sdp;
}
async function accept(sdp, which) {
  const receiver = peer.getTransceivers()[which].receiver;
  receiver.jitterBufferTarget = 250;
  const stream = new MediaStream([receiver.track]);
  const element = new Audio(); element.srcObject = stream; element.muted = true; element.play();
  const tap = new AudioWorkletNode(context, 'tap', {channelCount: 1, channelCountMode: 'explicit'});
  tap.port.onmessage = e => pieces.push(e.data);
  context.createMediaStreamSource(stream).connect(tap);
  await peer.setRemoteDescription({type: 'answer', sdp});
  setTimeout(async () => { before = await figures(which); }, 4000);
}
async function recorded() {
  const out = new Int16Array(pieces.length * 128);
  pieces.forEach((piece, at) => piece.forEach((v, n) => out[at * 128 + n] = Math.max(-32768, Math.min(32767, Math.round(v * 32768)))));
  const url = await new Promise(done => { const r = new FileReader(); r.onload = () => done(r.result); r.readAsDataURL(new Blob([out])); });
  return url.slice(url.indexOf(',') + 1);
}
async function figures(which) {
  const stats = [...(await peer.getTransceivers()[which].receiver.getStats()).values()].find(s => s.type === 'inbound-rtp');
  return [stats.concealedSamples, stats.insertedSamplesForDeceleration + stats.removedSamplesForAcceleration, stats.totalSamplesReceived];
}
async function concealed(which) { return (await figures(which)).map((value, at) => value - before[at]); }
</script>"""


def signal() -> array.array[int]:
    """A lead-in of beats, the beats that count, and the tones."""
    out = array.array("h")
    for _ in range(math.ceil(LEAD_S * FULL / len(BEAT)) + BEATS):
        out += BEAT
    for frequency in TONES:
        out += heart.tone(frequency, TONE_S)
    return out


def write_wave(path: Path, samples: array.array[int]) -> None:
    """A WAV file of 48 kHz."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(FULL)
        file.writeframes(samples.tobytes())


def level(samples: Sequence[int]) -> float:
    """The amplitude of a sine with this root mean square, of full scale."""
    mean = sum(samples) / len(samples)
    return math.sqrt(2 * sum((sample - mean) ** 2 for sample in samples) / len(samples)) / 32768


def likeness(heard: array.array[int], template: array.array[int], starts: range) -> tuple[float, int]:
    """The best correlation of the template with what was heard from one of these places on, and which."""
    size, energy = len(template), math.sqrt(sum(map(mul, template, template)))
    best = (-1.0, starts.start)
    for start in range(max(0, starts.start), min(len(heard) - size, starts.stop)):
        piece = heard[start : start + size]
        other = math.sqrt(sum(map(mul, piece, piece))) or 1.0
        best = max(best, (sum(map(mul, template, piece)) / energy / other, start))
    return best


class Follower:
    """Finds each beat near where it is due, first coarsely, since a receiver stretches time; then to one 48 000th of a second."""

    def __init__(self, heard: array.array[int], rate: int) -> None:
        self._heard, self._factor = heard, FULL // rate
        self._coarse = heard[:: COARSE // self._factor]

    def find(self, due: int, reach: float) -> tuple[float, int]:
        """Likeness and place (in samples of the recording) of the beat that is due there, give or take `reach` seconds."""
        step, around = COARSE // self._factor, round(reach * FULL / COARSE)
        _, near = likeness(self._coarse, BEAT[:SOUNDS:COARSE], range(due // step - around, due // step + around + 1))
        if self._factor == 1:
            return likeness(self._heard, BEAT[:SOUNDS], range(near * step - step, near * step + step + 1))
        shifted = (BEAT[phase : SOUNDS : self._factor] for phase in range(self._factor))
        return max(likeness(self._heard, template, range(near * step - 1, near * step + 2)) for template in shifted)


@dataclass(frozen=True, slots=True)
class Row:
    """One way: dB for each tone, correlations of the beats, and how much of it the receiver has made up or stretched."""

    name: str
    decibels: tuple[float, ...]
    correlations: tuple[float, ...]
    note: str = ""


def judge(name: str, heard: array.array[int], rate: int, *, relative: bool = False, note: str = "") -> Row:
    """Levels and likeness of one recording of the whole signal."""
    beat, lead, follower = len(BEAT) * rate // FULL, math.ceil(LEAD_S * FULL / len(BEAT)), Follower(heard, rate)
    loud = next((at for at, sample in enumerate(heard) if abs(sample) > 1500), 0)
    _, due = follower.find(loud, 60 / heart.RATE)
    found = []
    for number in range(lead + BEATS):
        likely, place = follower.find(due, 30 / heart.RATE if number == lead - 1 else 0.05)
        due = place + beat
        if number >= lead:
            found.append(likely)
    start = due
    decibels = []
    for number in range(len(TONES)):
        middle = start + round((number + 0.5) * TONE_S * rate)
        windows = [level(heard[middle + at * rate // 5 : middle + (at + 1) * rate // 5]) for at in range(-3, 2)]
        decibels.append(20 * math.log10(max(median(windows), 1e-6) / 0.3))
    if relative:
        decibels = [value - decibels[TONES.index(400)] for value in decibels]
    return Row(name, tuple(decibels), tuple(found), note)


async def _page(page: Page, port: int) -> None:
    await page.goto(f"http://127.0.0.1:{port}/")


async def _concealed(page: Page, which: int) -> str:
    made_up, stretched, total = await page.evaluate("which => concealed(which)", which)
    return f"{100 * made_up / max(total, 1):.2f} % made up, {100 * stretched / max(total, 1):.2f} % stretched"


async def _recording(page: Page) -> array.array[int]:
    return array.array("h", base64.b64decode(await page.evaluate("recorded()")))


async def ours(page: Page, folder: Path, source: Path, seconds: float, *, voice: bool) -> list[Row]:
    """The product's call process: its stethoscope, or its voice."""
    option = "--microphone" if voice else "--stethoscope"
    pieces: dict[int, bytes] = {}
    async with Agent(folder, "--camera", "none", option, f"lavfi:amovie={source}") as agent:
        await agent.send(Prepare((), relay_only=False))
        await agent.expect(Prepared)
        await agent.send(Offer(await page.evaluate("offer()")))
        trickling = asyncio.create_task(_trickle(agent, page))
        which = 0 if voice else 2
        await page.evaluate("([sdp, which]) => accept(sdp, which)", [(await agent.expect(Answer)).sdp, which])
        await agent.state("connected")
        trickling.cancel()
        while not voice and (await agent.expect(Statistics)).sound != "full":
            pass  # nothing of a heart is sent before the voice is whole
        await agent.send(Sources(camera=False, microphone=True) if voice else Auscultate(on=True, listening=True))
        with_deadline = asyncio.timeout(seconds)
        try:
            async with with_deadline:
                while True:
                    message = await agent.receive()
                    if isinstance(message, Heard):
                        pieces[message.sequence] = message.samples
        except TimeoutError:
            pass
        note = await _concealed(page, which)
        heard = await _recording(page)
    if voice:
        return [judge("voice (voip, 24 kbit/s)", heard, FULL, relative=True, note=note)]
    samples = array.array("h", b"".join(pieces[at] for at in sorted(pieces)))
    whole = "no sample missing" if sorted(pieces) == list(range(0, len(samples), 500)) else "samples are missing"
    return [judge("samples, sealed (4 kHz)", samples, RATE, note=whole), judge("stethoscope (audio, 32 kbit/s)", heard, FULL, note=note)]


async def _trickle(agent: Agent, page: Page) -> None:
    while True:
        for candidate, mid in await page.evaluate("candidates.splice(0)"):
            await agent.send(RemoteCandidate(candidate, mid))
        await asyncio.sleep(0.05)


async def stock(page: Page, source: Path, seconds: float) -> list[Row]:
    """aiortc as it comes: its own Opus encoder, 96 kbit/s, stereo, "voip"."""
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    await page.evaluate("offer()")
    sdp = await page.evaluate("whole()")
    player = MediaPlayer(f"amovie={source}", format="lavfi")
    assert player.audio is not None
    connection.addTrack(player.audio)
    await connection.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
    await connection.setLocalDescription(await connection.createAnswer())
    await page.evaluate("([sdp, which]) => accept(sdp, which)", [connection.localDescription.sdp, 0])
    await asyncio.sleep(seconds)
    note, heard = await _concealed(page, 0), await _recording(page)
    await connection.close()
    return [judge("stock aiortc (voip, 96 kbit/s)", heard, FULL, relative=True, note=note)]


async def measure() -> list[Row]:
    """Every way, one after the other, each on a page of its own."""
    allow_loopback()
    application = web.Application()

    async def serve(_: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    application.router.add_get("/", serve)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]  # noqa: SLF001
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="telecabine-heart-") as name:
        source, samples = Path(name) / "heart.wav", signal()
        write_wave(source, samples)
        seconds = len(samples) / FULL + 1.5
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
            for number, way in enumerate(("stethoscope", "voice", "stock")):
                page = await (await browser.new_context(permissions=["camera", "microphone"])).new_page()
                await _page(page, port)
                folder = Path(name) / str(number)
                folder.mkdir()
                rows += await (
                    stock(page, source, seconds) if way == "stock" else ours(page, folder, source, seconds, voice=way == "voice")
                )
                await page.close()
            await browser.close()
    await runner.cleanup()
    return rows


def table(rows: Sequence[Row]) -> str:
    """Markdown: the tones down, the ways across."""
    lines = ["| Hz | " + " | ".join(row.name for row in rows) + " |", "|---" * (len(rows) + 1) + "|"]
    lines += [f"| {tone:g} | " + " | ".join(f"{row.decibels[at]:+.2f}" for row in rows) + " |" for at, tone in enumerate(TONES)]
    lines.append("| worst, dB | " + " | ".join(f"{max(row.decibels, key=abs):+.2f}" for row in rows) + " |")
    lines.append("| S1/S2 correlation, median | " + " | ".join(f"{median(row.correlations):.5f}" for row in rows) + " |")
    lines.append("| least of the beats | " + " | ".join(f"{min(row.correlations):.5f}" for row in rows) + " |")
    lines.append("| at the receiver | " + " | ".join(row.note for row in rows) + " |")
    return "\n".join(lines)


def main() -> int:
    """Print the table; 1 when the two ways of the stethoscope do not keep the limits."""
    rows = asyncio.run(measure())
    sys.stdout.write(table(rows) + "\n")
    good = [max(map(abs, row.decibels)) <= LIMIT_DB and median(row.correlations) >= LIMIT_CORRELATION for row in rows[:2]]
    sys.stdout.write(f"\nWithin {LIMIT_DB} dB from 20 to 1000 Hz and alike to {LIMIT_CORRELATION}: {all(good)}\n")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())

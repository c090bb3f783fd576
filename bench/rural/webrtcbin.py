"""GStreamer's webrtcbin with the stamped pictures of a file: `/usr/bin/python3 -m bench.rural.webrtcbin WIDTHxHEIGHT PICTURES STAMPS`.

Needs nothing but Debian's Python and its GObject bindings. PICTURES holds I420 pictures that go round, STAMPS gets what
`StampReader` writes. Each line on stdin is ["answer", SDP], ["add", candidate, mid] or ["candidates"] in JSON; stdout has one for each,
{"value": …} or {"error": …}.

Debian 12's GStreamer 1.22 tells the other side when its packets came (transport-wide feedback), but has no rate control for what it sends
(rtpgccbwe is in no package) and no ladder of sizes: here the encoder does what the other side's REMB says, with three sizes.
"""

from __future__ import annotations

import json
import re
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import Gst, GstSdp, GstWebRTC  # noqa: E402

from bench.rural import remb  # noqa: E402
from simulators import stamps  # noqa: E402
from simulators.stamp_reader import StampReader  # noqa: E402

FPS = 30
#: bit/s of the voice
VOICE = 24_000
#: RTCP (RFC 4585): payload-specific feedback, application layer
PSFB, AFB = 206, 15
#: libvpx opened as aiortc does
PIPELINE = """
webrtcbin name=call bundle-policy=max-bundle
appsrc name=camera is-live=true format=time do-timestamp=true block=false max-buffers=2 leaky-type=downstream
    caps=video/x-raw,format=I420,width={width},height={height},framerate={fps}/1
  ! queue max-size-buffers=2 leaky=downstream ! videoscale ! capsfilter name=size
  ! vp8enc name=encoder deadline=1 cpu-used=-6 threads=1 lag-in-frames=0 end-usage=cbr keyframe-max-dist=3000
      error-resilient=default buffer-size=1000 buffer-initial-size=500 buffer-optimal-size=600 undershoot=100 overshoot=15
      max-quantizer=56 noise-sensitivity=4 static-threshold=1
  ! rtpvp8pay auto-header-extension=false pt={vp8} mtu=1200 picture-id-mode=15-bit ! application/x-rtp,media=video,encoding-name=VP8,payload={vp8},clock-rate=90000 ! call.
audiotestsrc is-live=true wave=sine freq=330 volume=0.2 samplesperbuffer=960
  ! audio/x-raw,rate=48000,channels=1 ! opusenc bitrate={voice} audio-type=voice frame-size=20
  ! rtpopuspay pt={opus} ! application/x-rtp,media=audio,encoding-name=OPUS,payload={opus},clock-rate=48000 ! call.
"""
#: what the video line of the answer says; the payloader adds no numbers of its own, else there would be no REMB
PREFERRED = """application/x-rtp,media=video,encoding-name=VP8,payload={vp8},clock-rate=90000,extmap-{number}=(string){numbers},
rtcp-fb-nack=(boolean)true,rtcp-fb-nack-pli=(boolean)true,rtcp-fb-ccm-fir=(boolean)true,rtcp-fb-transport-cc=(boolean)true"""
NUMBERS = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
SEEN = "rtpvp8depay wait-for-keyframe=true request-keyframe=true ! vp8dec ! video/x-raw,format=I420 ! appsink name=seen emit-signals=true sync=false max-buffers=2 drop=true"
HEARD = "rtpopusdepay ! opusdec plc=true ! fakesink sync=true"


class Plane(bytearray):
    """Luma first, as `stamps.Plane`."""

    line_size: int


@dataclass
class Picture:
    """See `stamps.Picture`."""

    width: int
    height: int
    planes: list[Plane]

    @classmethod
    def of(cls, width: int, height: int, octets: bytes) -> Picture:
        """From the octets, or as many of the first rows as there are."""
        plane = Plane(octets)
        plane.line_size = (width + 3) // 4 * 4  # as GStreamer aligns rows
        return cls(width, height, [plane])


def camera(source: Any, pictures: list[Picture]) -> None:
    """Hand out stamped pictures for ever, as `simulators.camera.StampedCamera` does."""
    start, number = time.monotonic(), 0
    while True:
        behind = int((time.monotonic() - start) * FPS) - number
        number += max(1, behind)
        time.sleep(max(0.0, start + number / FPS - time.monotonic()))
        picture = pictures[number % len(pictures)]
        stamps.write(picture, stamps.milliseconds())
        source.emit("push-buffer", Gst.Buffer.new_wrapped(bytes(picture.planes[0])))


def offered(sdp: str, kind: str, name: str) -> int:
    """The number that an offer has for a codec ("rtpmap") or a header extension ("extmap").

    Raises:
        ValueError: none.
    """
    found = re.search(rf"a={kind}:(\d+) {re.escape(name)}", sdp)
    if not found:
        raise ValueError(f"the offer has no {name}")
    return int(found[1])


class Call:
    """One call."""

    def __init__(self, width: int, height: int, pictures: bytes, reader: StampReader) -> None:
        self._size = (width, height)
        one = width * height * 3 // 2
        self._pictures = [Picture.of(width, height, pictures[at : at + one]) for at in range(0, len(pictures), one)]
        self._reader = reader
        self._candidates: list[tuple[str, str]] = []
        self._divisor: int | None = None
        self._keep: list[Any] = []  # what a promise answered lives as long as the promise

    def answer(self, sdp: str) -> str:
        """Begin, and answer an offer."""
        vp8, opus, number = offered(sdp, "rtpmap", "VP8/"), offered(sdp, "rtpmap", "opus/"), offered(sdp, "extmap", NUMBERS)
        width, height = self._size
        self._pipeline = Gst.parse_launch(PIPELINE.format(width=width, height=height, fps=FPS, voice=VOICE, vp8=vp8, opus=opus))
        self._call, self._encoder, self._scaled = (self._pipeline.get_by_name(name) for name in ("call", "encoder", "size"))
        self._set_rate(remb.START)
        self._call.connect("on-ice-candidate", lambda _, line, candidate: self._candidates.append((candidate, str(line))))
        self._call.connect("pad-added", self._incoming)
        transceivers = [self._call.emit("get-transceiver", line) for line in range(2)]
        for transceiver in transceivers:
            transceiver.set_property("do-nack", True)
        preferred = PREFERRED.format(vp8=vp8, number=number, numbers=NUMBERS)
        transceivers[0].set_property("codec-preferences", Gst.Caps.from_string(preferred))
        self._pipeline.set_state(Gst.State.PLAYING)
        threading.Thread(target=camera, args=(self._pipeline.get_by_name("camera"), self._pictures), daemon=True).start()
        self._promised("set-remote-description", self._description(GstWebRTC.WebRTCSDPType.OFFER, sdp))
        made = self._promised("create-answer", None).get_value("answer")
        self._promised("set-local-description", made)
        self._call.get_by_name("rtpbin").emit("get-internal-session", 0).connect("on-feedback-rtcp", self._feedback)
        return remb.asked(made.sdp.as_text(), vp8)

    def add(self, candidate: str, mid: str) -> None:
        """See `booths.OtherBooth.add`."""
        if candidate:
            self._call.emit("add-ice-candidate", int(mid), candidate)

    def candidates(self) -> list[tuple[str, str]]:
        """Own ones since the last time."""
        found, self._candidates = self._candidates, []
        return found

    def _description(self, kind: Any, sdp: str) -> Any:
        _, message = GstSdp.SDPMessage.new_from_text(sdp)
        return GstWebRTC.WebRTCSessionDescription.new(kind, message)

    def _promised(self, signal: str, *arguments: Any) -> Any:
        promise = Gst.Promise.new()
        self._call.emit(signal, *arguments, promise)
        promise.wait()
        reply = promise.get_reply()
        self._keep += [promise, reply, arguments]
        if reply is not None and reply.has_field("error"):
            raise ValueError(f"{signal}: {reply.get_value('error').message}")
        return reply

    def _incoming(self, _: Any, pad: Any) -> None:
        if pad.direction != Gst.PadDirection.SRC:
            return
        video = pad.get_current_caps().get_structure(0).get_string("media") == "video"
        way = Gst.parse_bin_from_description(SEEN if video else HEARD, True)
        if video:
            way.get_by_name("seen").connect("new-sample", self._seen)
        self._pipeline.add(way)
        way.sync_state_with_parent()
        pad.link(way.get_static_pad("sink"))

    def _seen(self, sink: Any) -> Any:
        sample = sink.emit("pull-sample")
        shape = sample.get_caps().get_structure(0)
        width, height = shape.get_value("width"), shape.get_value("height")
        rows = max(4, round(height * stamps.ROWS))
        self._reader.see(Picture.of(width, height, sample.get_buffer().extract_dup(0, (width + 3) // 4 * 4 * rows)))
        return Gst.FlowReturn.OK

    def _feedback(self, _: Any, kind: int, form: int, sender: int, media: int, said: Any) -> None:
        if (kind, form) == (PSFB, AFB) and said is not None and (rate := remb.allowed(said.extract_dup(0, said.get_size()))) is not None:
            self._set_rate(rate)

    def _set_rate(self, rate: int) -> None:
        self._encoder.set_property("target-bitrate", rate)
        if (divisor := remb.divisor(rate, self._divisor)) != self._divisor:
            self._divisor = divisor
            width, height = (side // divisor // 2 * 2 for side in self._size)
            self._scaled.set_property("caps", Gst.Caps.from_string(f"video/x-raw,width={width},height={height}"))


def main() -> int:
    """Until stdin ends."""
    size, pictures, seen = sys.argv[1:]
    width, height = (int(part) for part in size.split("x"))
    Gst.init(None)
    call = Call(width, height, Path(pictures).read_bytes(), StampReader(Path(seen)))
    verbs = {"answer": call.answer, "add": call.add, "candidates": call.candidates}
    for line in sys.stdin:
        verb, *said = json.loads(line)
        try:
            told = {"value": verbs[verb](*said)}
        except ValueError as error:
            told = {"error": str(error)}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())

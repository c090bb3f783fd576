"""The call at the desk: its state, the switches of camera and microphone, and its figures as incidents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from msgspec import structs

from kiosk.consultation.session import State
from protocol import engine, screen, specialist

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk.booth.case import Case
    from kiosk.booth.ports import Ports
    from protocol.left import PictureLeft, SoundLeft


FREEZE_MS = 2000.0
#: picture and sound on a good link, and with which a call begins on one that is known to be thin
WHOLE: Final[tuple[PictureLeft, SoundLeft]] = ("moving", "full")
THIN: Final[tuple[PictureLeft, SoundLeft]] = ("stills", "thin")
LOSS = 0.05
#: a round trip from which a conversation stumbles (ITU-T G.114: 150 ms one way is good, 400 ms the most)
SLOW_MS = 400.0
#: the call's figures come once a second
FIGURES_S = 5.0


class Call:
    """What the desk knows of the call. `thin` tells whether the line is known to carry no moving picture."""

    def __init__(self, case: Case, ports: Ports, thin: Callable[[], bool] = lambda: False) -> None:
        self._case, self._ports, self._thin = case, ports, thin
        self._up = False
        self._missing: dict[str, str] = {}
        self._channel = 0
        self.clear()

    def clear(self) -> None:
        """Forget everything of the last consultation."""
        self._state: str = "off"
        self._left: tuple[PictureLeft, SoundLeft] = WHOLE
        self._reason = ""
        self._media = (False, False)
        #: the exam camera that is sent, and the camera that the booth's own screen shows
        self.exam = self.seen = ""
        self._figures: engine.Statistics | None = None
        self._measured = 0.0
        self.verified: bool | None = None
        self._prepared = engine.Prepare((), relay_only=False)

    @property
    def view(self) -> screen.CallView:
        """What the screen shows of it."""
        line = self._case.line
        agreement = line.agreement if line is not None else None
        return screen.CallView(
            state=self._state,  # type: ignore[arg-type]
            specialist=self._case.specialist if line is not None else "",
            authentication=agreement.authentication if agreement is not None else None,
            verified=self.verified,
            camera=self._media[0],
            microphone=self._media[1],
            message=self._reason,
        )

    @property
    def whole_sound(self) -> bool:
        """Whether the link carries the voice whole, or nobody has measured it."""
        return self._left[1] == "full"

    def prepare(self, servers: tuple[engine.IceServer, ...]) -> None:
        """A specialist comes: make a new connection."""
        self.verified, self._state, self._reason = None, "connecting", ""
        self._prepared = engine.Prepare(ice_servers=servers, relay_only=False, thin=self._thin())
        self._ports.to_call(self._prepared)

    def hang_up(self) -> None:
        """The specialist is gone."""
        self._state, self.exam, self.seen = "off", "", ""
        self._prepared = engine.Prepare((), relay_only=False)
        self._ports.to_call(engine.Hangup())

    def negotiate(self, message: specialist.Offer | specialist.Candidate) -> None:
        """What the specialist's browser offers."""
        if isinstance(message, specialist.Candidate):
            self._ports.to_call(engine.RemoteCandidate(candidate=message.candidate, mid=message.mid))
            return
        if self._prepared.thin:  # before anything flows: a browser begins with more than such a line carries
            self._leaves(THIN)
        self._ports.to_call(engine.Offer(sdp=message.sdp))
        self.send_media()

    def switch(self, *, camera: bool, microphone: bool) -> None:
        """The patient's own switches."""
        self._media = (camera, microphone)
        self.send_media()
        self._case.write("media", camera=camera, microphone=microphone)

    def send_media(self, *, paused: bool = False) -> None:
        """Tell the call process what it may send: nothing while paused."""
        if paused:
            self._ports.to_call(engine.Sources(camera=False, microphone=False))
        else:
            self._ports.to_call(engine.Sources(camera=self._media[0], microphone=self._media[1], exam=self.exam, seen=self.seen))

    def up(self) -> None:
        """The call process is there; in a consultation it takes up the call on the certificate that the page has agreed to."""
        self._up = True
        if self._case.line is not None and self._prepared.identity:
            self._ports.to_call(self._prepared)
            self._case.send(specialist.CallFailed(reason="call-restarted"))

    def down(self) -> None:
        """The call process is gone; the agent starts it again."""
        if self._up and self._case.session.state is State.IN_CALL:
            self._case.incident("call-process-lost")
            self._state, self._reason, self._case.dirty = "failed", "call-restarted", True
            if not self._prepared.identity:
                self._failed("call-restarted")
        self._up = False
        self._channel_ready(self._channel, ready=False)
        self._missing.clear()

    def take(self, message: engine.FromCall) -> None:
        """One message of the call process."""
        match message:
            case engine.Prepared():
                if self._case.line is not None:
                    self._prepared = structs.replace(self._prepared, identity=message.identity)
                    self._case.line.prepared(message.fingerprints)
            case engine.Answer():
                self._case.send(specialist.Answer(sdp=message.sdp))
            case engine.State():
                self._changed(message)
            case engine.Statistics():
                self._quality(message)
            case engine.Device():
                self._device(message)
            case engine.Channel():
                self._channel_ready(message.number, ready=message.ready)
            case engine.Relay():
                self._relayed(message)

    def relay(self, octets: bytes) -> None:
        """A frame of the sealed stream, by the call's data channel."""
        self._ports.to_call(engine.Relay(self._channel, octets))

    def _relayed(self, message: engine.Relay) -> None:
        if self._case.line is not None and message.channel == self._channel:
            self._case.line.heard(message.octets)

    def _channel_ready(self, number: int, *, ready: bool) -> None:
        self._channel = number
        if self._case.line is not None:
            self._case.line.channel(ready=ready)

    def _changed(self, message: engine.State) -> None:
        if message.state == "connected" and self._state != "connected":
            self._case.write("call-connected")
            if not self._prepared.thin:
                self._left, self._reason = WHOLE, ""
        if message.state == "failed":
            self._failed(message.reason)
        elif self._case.line is not None and message.state in ("connecting", "connected"):
            self._state = message.state
        elif message.state == "closed" and message.reason and self._case.line is not None:
            self._state = "connecting"  # the page has closed its end, and begins anew
        self._case.dirty = True

    def _failed(self, reason: str) -> None:
        self._state, self._reason = "failed", reason
        self._case.incident("call-failed", why=reason)
        self._case.send(specialist.CallFailed(reason=reason))
        self._case.dirty = True

    def _device(self, message: engine.Device) -> None:
        """A camera, microphone or loudspeaker is missing, or is back: said on the screen, and the consultation goes on."""
        if message.kind not in ("camera", "microphone", "speaker", "microphone-node", "speaker-node"):
            return
        before = self._missing.pop(message.kind, "")
        if message.reason != before:
            self._case.dirty = True
            self._case.ends(f"{message.kind}:{before}")
        if message.reason:
            self._missing[message.kind] = message.reason
            if self._case.session.running and self._case.begins(f"{message.kind}:{message.reason}"):
                self._case.incident(message.reason, device=message.kind.removesuffix("-node"))

    @property
    def missing(self) -> tuple[str, ...]:
        """Text keys of what the call goes on without; nothing while nobody is there."""
        return tuple(self._missing.values()) if self._case.session.running else ()

    @property
    def elsewhere(self) -> bool:
        """Whether microphone or loudspeaker go by another card than the settings name."""
        return any(kind.endswith("-node") for kind in self._missing)

    def link(self, station: str, *, congested: bool) -> Literal["good", "fair", "poor"] | None:
        """The line as the call has measured it a moment ago; without a call it is known only to be poor, while the station's socket is behind."""
        if station != "connected":
            return None
        if self._figures is None:
            return "poor" if congested else None
        loss, delay = self._figures.loss, self._figures.round_trip_ms or 0.0
        if congested or loss > LOSS or delay > SLOW_MS:
            return "poor"
        return "good" if loss <= LOSS / 5 and delay <= SLOW_MS / 2 else "fair"

    def tick(self, now: float) -> None:
        """Figures that nobody renews are forgotten."""
        if self._figures is not None and now - self._measured > FIGURES_S:
            self._figures = None
            self._case.dirty = True

    def _gives_way(self, message: engine.Statistics) -> None:
        """Say on both screens what the link leaves of picture and sound, when that changes."""
        if (message.picture, message.sound) != self._left:
            self._leaves((message.picture, message.sound))

    def _leaves(self, left: tuple[PictureLeft, SoundLeft]) -> None:
        """Each step is an incident."""
        self._left, (picture, sound) = left, left
        self._reason = "sound-none" if sound == "none" else "" if picture == "moving" else f"picture-{picture}"
        self._case.incident("link-gives-way", picture=picture, sound=sound)
        self._case.send(specialist.Media(picture=picture, sound=sound))

    def _quality(self, message: engine.Statistics) -> None:
        self._gives_way(message)
        self._figures, self._measured = message, self._case.clock.now().monotonic
        self._case.dirty = True
        for reason, bad in (("freeze", message.freeze_ms > FREEZE_MS), ("loss", message.loss > LOSS)):
            if not bad:
                self._case.ends(reason)
            elif self._case.begins(reason):
                self._case.incident(reason, freeze_ms=round(message.freeze_ms), loss_percent=round(message.loss * 100))

"""What the rest of the booth knows of a call engine. aiortc is one; another can take its place behind this."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from av import VideoFrame

    from kiosk.call.photo import Photo
    from protocol.engine import Channel, IceServer, Relay, State, Statistics


class CallError(Exception):
    """What was asked cannot be done. `reason` is the text key for the screen ("bad-offer", "no-candidate", ...); `detail` is for the log."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason


class CallEngine(Protocol):
    """One call at a time. Every method is called on the event loop; none blocks it."""

    on_state: Callable[[State], None]
    on_picture: Callable[[VideoFrame], None]
    on_channel: Callable[[Channel | Relay], None]

    identity: bytes  #: certificate and key of the connection that is prepared; never logged

    async def prepare(
        self, servers: Sequence[IceServer], *, relay_only: bool, identity: bytes = b"", thin: bool = False
    ) -> tuple[str, ...]:
        """Make a new peer connection, closing an earlier one; return its certificate's fingerprints.

        `identity` is that of an earlier connection, whose certificate is shown again; a new one is made without. `thin`: begin with stills.

        Each is "sha-256 AB:CD:…": algorithm in lower case, a space, digits in upper case; the tuple is sorted.

        Raises:
            CallError: "bad-server" when a server's address cannot be read, "bad-identity" when `identity` cannot.
        """
        ...

    async def accept_offer(self, sdp: str) -> str:
        """Take the specialist's offer (RFC 8829) and return the answer, with this side's candidates.

        Raises:
            CallError: "not-prepared", "bad-offer", "no-candidate" when this machine has no usable address, or "no-relay" when only relays may
                be used and none works; `str` names what is wrong with each.
        """
        ...

    async def add_candidate(self, candidate: str, mid: str) -> None:
        """Add a trickled candidate (RFC 8839 `candidate-attribute`, with or without its prefix); an empty text ends them.

        Raises:
            CallError: "bad-candidate".
        """
        ...

    def set_sources(self, *, camera: bool, microphone: bool, exam: str = "", seen: str = "") -> None:
        """Send the camera or black, the microphone or silence. Takes effect with the next picture; holds for later calls too.

        `exam` is the exam camera whose picture is sent in the place of the booth's; `seen` the camera that the booth's own screen shows.
        """
        ...

    async def photograph(self, camera: str) -> Photo:
        """A photograph in the full resolution of a camera, as it may leave the booth.

        Raises:
            CallError: why there is none, as a text key.
        """
        ...

    def relay(self, message: Relay) -> None:
        """Send octets to the page by the data channel; dropped unless that channel is open. `on_channel` tells when it may be used, and what comes."""
        ...

    def auscultate(self, *, on: bool, listening: bool) -> None:
        """Open or free the stethoscope, with or without a call; while `listening`, the specialist of the call hears it. Holds for later calls too."""
        ...

    async def statistics(self) -> Statistics | None:
        """The figures since the last time this was asked; None while not connected."""
        ...

    async def stop(self) -> None:
        """Close the call, if any, and free camera and microphone; the stethoscope stays as it is."""
        ...

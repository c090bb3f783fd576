"""The call's data channel: octets of the sealed stream through it, and whether it may carry them. What they say is not known here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiortc.exceptions import InvalidStateError

from protocol.engine import Channel, Relay

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiortc import RTCDataChannel

LABEL: Final = "telecabine"
#: the page answers probes, and nothing else comes this way; octets
LONGEST: Final = 64
#: octets that wait for the link, from which on the channel is behind
BEHIND: Final = 16 * 1024


class SealedChannel:
    """The channel `number` of one call, once the page has opened it. `tell` takes what the agent is told."""

    def __init__(self, number: int, tell: Callable[[Channel | Relay], None]) -> None:
        self._number, self._tell = number, tell
        self._channel: RTCDataChannel | None = None
        self._ready = False

    def opened(self, channel: RTCDataChannel) -> None:
        """The page has opened a channel; one is enough."""
        if channel.label != LABEL or self._channel is not None:
            channel.close()
            return
        self._channel = channel
        channel.on("message", self._heard)

    def send(self, message: Relay) -> None:
        """To the page; dropped when it is for a channel that is no more."""
        if message.channel == self._number and self._channel is not None and self._channel.readyState == "open":
            try:
                self._channel.send(message.octets)
            except InvalidStateError:
                self.look(room=False)

    def look(self, *, room: bool) -> None:
        """Tell the agent when the channel may carry, or may not any more. `room`: whether the link has any beside the picture."""
        open_ = self._channel is not None and self._channel.readyState == "open" and self._channel.bufferedAmount < BEHIND
        if (open_ and room) != self._ready:
            self._ready = not self._ready
            self._tell(Channel(self._number, self._ready))

    def _heard(self, octets: bytes | str) -> None:
        if isinstance(octets, bytes) and len(octets) <= LONGEST:
            self._tell(Relay(self._number, octets))

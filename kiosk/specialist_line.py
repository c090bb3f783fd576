"""The booth's end of the line to the specialist's page: handshake, then the sealed stream. Sans-IO; bodies go to and come from the station."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from kiosk.carrier import Carrier
from kiosk.secure.errors import HandshakeError, SecureError, StreamError, TrustError
from kiosk.secure.handshake import Agreement, BoothHandshake, sdp_fingerprints
from kiosk.secure.padding import padded
from kiosk.secure.resumption import Resumption, numbered
from protocol import sound, specialist
from protocol.codec import ProtocolError
from protocol.handshake import Declined, handshake
from protocol.station import ECHO, HANDSHAKE, SEALED

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk.secure.codes import CodeGate
    from kiosk.secure.keys import BoothKeys


class Listener(Protocol):
    """Who hears what comes over the line."""

    def agreed(self, agreement: Agreement) -> None:
        """The handshake is done: values may be sent."""

    def said(self, message: specialist.FromSpecialist) -> None:
        """A message of the specialist."""

    def broken(self, reason: str, *, detail: str) -> None:
        """The line is over and was not ended: `reason` is a text key, `detail` a sentence for the record."""


class SpecialistLine:
    """One specialist's presence. `fingerprints` are the call's, known once its process is prepared (empty: no media).

    `admit` gives the name of who holds the keys of an agreement, or raises TrustError: then the handshake is declined.
    `gate`: who may enter by a code. `resumption`: the consultation's, when the line before this one was cut. `by_channel` takes a frame for the
    call's data channel, where there is a call; `now` gives seconds.
    """

    def __init__(
        self,
        keys: BoothKeys,
        consultation: str,
        name: str,
        send: Callable[[int, bytes], None],
        admit: Callable[[Agreement], str],
        listener: Listener,
        *,
        gate: CodeGate | None = None,
        resumption: Resumption | None = None,
        by_channel: Callable[[bytes], None] = lambda _: None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._keys, self._consultation, self._name = keys, consultation, name
        self._send, self._admit, self._listener, self._gate = send, admit, listener, gate
        self._resumption = resumption or Resumption()
        self._by_channel, self._now = by_channel, now
        self._carrier: Carrier | None = None
        self._handshake: BoothHandshake | None = None
        self._early: list[tuple[int, bytes]] = []
        self._over = False
        self.agreement: Agreement | None = None

    def prepared(self, fingerprints: tuple[str, ...]) -> None:
        """The call's fingerprints are known (or will not be): the handshake may go on."""
        if self._handshake is not None:
            return
        self._handshake = BoothHandshake(self._keys, self._consultation, self._name, fingerprints, gate=self._gate)
        early, self._early = self._early, []
        for kind, body in early:
            self.received(kind, body)

    def received(self, kind: int, body: bytes) -> None:
        """One relayed frame."""
        if self._over or self.ended:
            return
        if self._handshake is None:
            if len(self._early) < 4:
                self._early.append((kind, body))
            return
        try:
            if kind == HANDSHAKE:
                self._shake(self._handshake, body)
            elif kind == SEALED:
                self._open(body)
            elif kind == ECHO:
                if self._carrier is not None:  # else still under way from the stream before
                    self._carrier.echo(body, by_channel=False)
            else:
                raise StreamError("bad-message", f"a frame of unknown kind {kind}")
        except (SecureError, ProtocolError) as error:
            self._over = True
            self._listener.broken(error.reason if isinstance(error, SecureError) else "bad-message", detail=str(error))

    def _shake(self, attempt: BoothHandshake, body: bytes) -> None:
        try:
            reply, found = attempt.receive(body), attempt.agreement
        except HandshakeError as error:
            if error.reason.startswith("code-"):  # the page says so, and what to do
                self._send(HANDSHAKE, handshake.encode(Declined(error.reason)))
            raise
        if found is not None:
            try:
                found = replace(found, name=self._admit(found))
            except TrustError as error:
                self._send(HANDSHAKE, handshake.encode(Declined(error.reason)))
                raise
        self._send(HANDSHAKE, reply)
        if found is not None and self.agreement is None:
            self.agreement = found
            self._carrier = Carrier(self._send, self._by_channel, self._now, found.sealer.header)
            if found.version > 1:
                self._seal(self._resumption.begin())
            self._listener.agreed(found)

    def _open(self, body: bytes) -> None:
        if self.agreement is None:
            return  # still under way from the stream before a quick return
        message = specialist.from_specialist.decode(self.agreement.opener.open(body))
        if isinstance(message, specialist.Offer) and sdp_fingerprints(message.sdp) != self.agreement.fingerprints:
            raise StreamError("other-fingerprints", "the offer's fingerprints are not those that were signed")
        if isinstance(message, specialist.Resume):
            for missed in self._resumption.resumed(message):
                self._seal(missed)
            return
        self._resumption.had(message)
        self._listener.said(message)

    def send(self, message: specialist.FromBooth, *, final: bool = False) -> bool:
        """Seal and send; False while nobody is there to read it. What is numbered is kept, and sent once the page has said how far it is."""
        if self.agreement is None or self._over or self.agreement.sealer.ended:
            return False
        if numbered(message) and self.agreement.version > 1 and not (self._resumption.keep(message) and self._resumption.ready):
            return True
        self._seal(message, final=final)
        return True

    def send_sound(self, piece: sound.Sound) -> bool:
        """Seal and send a piece of what the stethoscope hears; False while nobody is there to hear it. It has one size, and needs no padding."""
        if self.agreement is None or self._carrier is None or self._over or self.agreement.sealer.ended:
            return False
        self._carrier.send(self.agreement.sealer.seal(sound.encode(piece)))
        return True

    def _seal(self, message: specialist.FromBooth, *, final: bool = False) -> None:
        if self.agreement is not None and self._carrier is not None and not self.agreement.sealer.ended:
            text = specialist.from_booth.compact(message) if self.agreement.version > 1 else specialist.from_booth.encode(message)
            self._carrier.send(self.agreement.sealer.seal(padded(text), final=final), last=final)

    def channel(self, *, ready: bool) -> None:
        """Whether the call's data channel may carry this stream."""
        if self._carrier is not None and not self._over:
            self._carrier.ready(ready=ready)

    def heard(self, octets: bytes) -> None:
        """A frame of the page by the data channel: it answers probes there, and nothing else."""
        if self._carrier is not None and octets[:1] == bytes((ECHO,)):
            self._carrier.echo(octets[1:], by_channel=True)

    def tick(self) -> None:
        """To be called many times a second."""
        if self._carrier is not None and not self._over:
            self._carrier.tick()

    @property
    def late(self) -> bool:
        """Whether the page gets late what is said to it now."""
        return self._carrier is not None and self._carrier.late

    @property
    def on_channel(self) -> bool:
        """Whether the data channel carries the stream."""
        return self._carrier is not None and self._carrier.on_channel

    @property
    def ended(self) -> bool:
        """Whether the specialist ended the stream with its final message."""
        return self.agreement is not None and self.agreement.opener.ended

    def left(self) -> None:
        """The station says that the specialist is gone."""
        over, self._over = self._over or self.ended, True
        if over or self._handshake is None or not self._handshake.begun:
            return
        if self.agreement is None:
            self._listener.broken("handshake-cut", detail="the page left before both ends had agreed")
        else:
            self._listener.broken("stream-cut", detail="the line was cut without its final message")

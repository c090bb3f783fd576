"""The line to the agent: messages in and out, and whether it is there."""

from __future__ import annotations

import logging
import os

from PySide6.QtCore import QObject, Signal

from protocol.codec import ProtocolError
from protocol.screen import FromScreen, from_screen, to_screen
from ui.packets import PacketSocket

_log = logging.getLogger(__name__)


class AgentLink(QObject):
    """`received` carries one ToScreen message, `changed` whether the agent is there. What is not a message is dropped and counted, not shown."""

    received = Signal(object)
    changed = Signal(bool)

    def __init__(self, path: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.refused = 0
        self._packets = PacketSocket(path, self._packet, self.changed.emit, self)

    def start(self) -> None:
        """Connect now, or keep trying."""
        self._packets.start()

    def close(self) -> None:
        """Stop for good."""
        self._packets.close()

    def send(self, message: FromScreen) -> bool:
        """Send; False when the agent is not there to hear it."""
        try:
            return self._packets.send(from_screen.encode(message))
        except ProtocolError:
            return False

    def _packet(self, data: bytes, descriptors: list[int]) -> None:
        for descriptor in descriptors:
            os.close(descriptor)
        try:
            message = to_screen.decode(data)
        except ProtocolError:
            self.refused += 1
            _log.warning("a packet of %d bytes from the agent is not a message", len(data))  # its content may be a patient's
            return
        self.received.emit(message)

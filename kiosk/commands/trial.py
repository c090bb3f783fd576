"""One device tried out by a technician: what it sends is decoded and answered, and belongs to no patient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.driver import DecodeError
from kiosk.answers import Answers
from kiosk.decoders import Decoders

if TYPE_CHECKING:
    from drivers.device import Device
    from drivers.measurement import Frame, Reading, Refused
    from kiosk.links.link import Link


class Trial:
    """The conversation with `device` over `link`. Memories are read and meters asked as in a consultation, but no clock is set."""

    def __init__(self, device: Device, link: Link) -> None:
        self.device, self._decoders, self._answers = device, Decoders(), Answers()
        self._answers.links = (link,)
        self.frames = 0

    def take(self, frame: Frame) -> list[Reading | Refused | DecodeError]:
        """What the frame says; what the booth owes the device is sent."""
        self.frames += 1
        driver = self._decoders.of(self.device, frame.source)
        if driver is None:
            return []
        said: list[Reading | Refused | DecodeError] = []
        try:
            said += driver.receive(frame)
        except DecodeError as error:
            said.append(error)
        for reply in driver.replies():
            self._answers.send(frame.device, frame.source, reply)
        return said

    def ended(self) -> list[Reading | Refused | DecodeError]:
        """What the end of the connection leaves."""
        return [item for driver in self._decoders.ended(self.device.key) for item in driver.finish()]

"""Places of codes on the wire: a doctor's page and a booth ask for one and give it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocol.station import CodeMade, Invite, Invited, Refused
from station.codes import CodeError

if TYPE_CHECKING:
    from station.connection import Booth, Page
    from station.present import Present


async def make_code(here: Present, page: Page) -> None:
    """A place for a patient of this doctor."""
    if page.invited:
        await page.send(Refused("not-for-guests", ""))
        return
    try:
        place, expires = here.codes.make(page.key, "", here.now())
    except CodeError as error:
        await page.send(Refused(error.args[0], ""))
        return
    await here.audit("code-made", specialist=page.name)
    await page.send(CodeMade(place, expires))


async def invite(here: Present, booth: Booth, message: Invite) -> None:
    """A place for a guest of this booth's consultation."""
    room = here.room.of_booth(booth)
    if room is None or room.consultation != message.consultation:
        await booth.send(Refused("no-such-consultation", ""))
        return
    try:
        place, expires = here.codes.make(booth.key, message.consultation, here.now())
    except CodeError as error:
        await booth.send(Refused(error.args[0], ""))
        return
    await here.audit("guest-invited", consultation=message.consultation, booth=booth.name)
    await booth.send(Invited(message.consultation, place, expires))

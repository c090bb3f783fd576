"""The stethoscope in the scripted consultation: put on a chest by the helper, seen and listened to by the specialist, kept with the patient's yes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulators.consultation.step import NotObservedError

if TYPE_CHECKING:
    from simulators.consultation.stage import Stage

SITE, SITE_TEXT = "mitral", "Foyer mitral"
#: lowest and highest of each 5 ms: two seconds of sound
DRAWN = 2 * 400
LINE = "document.querySelector('.stethoscope telecabine-strip')?.strip"


class Auscultating:
    """Acts of the helper and the specialist, and what the other one then sees."""

    def __init__(self, stage: Stage) -> None:
        self._doctor, self._hand = stage.doctor, stage.hand
        self.kept = 0  #: sounds that were kept

    async def place(self) -> None:
        """The helper takes the stethoscope to the mitral area; the specialist listens."""
        await self._hand.tap("stethoscope")
        await self._hand.tap(f"site-{SITE}")
        await self._doctor.page.locator(".stethoscope [data-act='listen']").click()

    async def heard(self) -> str:
        """The page has drawn some seconds of it and plays it; the booth's screen says that somebody listens."""
        await self._doctor.until(f"(count) => ({LINE}?.samples.length ?? 0) >= count && !{LINE}.samples.includes(null)", DRAWN)
        shown = await self._doctor.text(".stethoscope h2 .site")
        await self._doctor.see(".stethoscope [data-act='listen'][aria-pressed='true']")
        await self._hand.until("stethoscopeListening", lambda item: item.visible, "that the specialist listens")
        seen = await self._hand.until("stethoscopeSite", lambda item: item.text == SITE_TEXT, "the site")
        if shown != seen.text:
            raise NotObservedError(f"the page says {shown!r}, the booth {seen.text!r}")
        return f"two seconds without a hole, {shown}, listened to"

    async def keep(self) -> None:
        """The specialist wants to keep what was heard, the patient agrees, the helper puts the stethoscope away."""
        await self._doctor.page.locator(".stethoscope [data-act='keep']").click()
        await self._hand.tap("keepSoundYes")
        await self._hand.tap("stethoscopeAway")

    async def is_kept(self) -> str:
        """The page lists and can play it, and has signed that it was seen."""
        await self._doctor.see(".kept li:has(telecabine-clip) .seen:not(:empty)")
        await self._doctor.until("() => document.querySelector('telecabine-clip audio').duration > 1.9")
        self.kept = 1
        return f"listed, playable and seen: {await self._doctor.text('.kept li:has(telecabine-clip) strong')}"

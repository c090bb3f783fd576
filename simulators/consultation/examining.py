"""An exam camera in the scripted consultation: asked for by the specialist, shown and photographed with the patient's yes to each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulators.consultation.step import NotObservedError

if TYPE_CHECKING:
    from simulators.consultation.stage import Stage

CAMERA, SITE = "dermatoscope", "skin-arm"
SITE_TEXT = "Dermatoscope, Peau du bras ou de la main"
#: the middle of the drawn picture is a mole, its corners are black (simulators/exam_camera.py); before it, a room without black corners
SEEN = """() => {
  const video = document.querySelector('.pictures .remote video');
  if (!video?.videoWidth) return false;
  const canvas = Object.assign(document.createElement('canvas'), { width: 40, height: 30 });
  const context = canvas.getContext('2d');
  context.drawImage(video, 0, 0, 40, 30);
  const at = (x, y) => context.getImageData(x, y, 1, 1).data;
  const dark = ([red, green, blue]) => Math.max(red, green, blue) < 40;
  const [red, green, blue] = at(20, 15);
  return [[1, 1], [38, 1], [1, 28], [38, 28]].every(([x, y]) => dark(at(x, y))) && red > green + 8 && green > blue + 4;
}"""


class Examining:
    """Acts of the specialist and the patient, and what the other one then sees."""

    def __init__(self, stage: Stage) -> None:
        self._stage, self._hand, self._doctor = stage, stage.hand, stage.doctor
        self.kept = 0  #: photographs that were kept

    async def show(self) -> None:
        """The specialist asks to see through it, the patient agrees."""
        await self._doctor.page.locator(f".exam [data-camera='{CAMERA}']").click()
        await self._hand.tap("examShow")

    async def is_seen(self) -> str:
        """The picture in the page is no longer the booth's, but that of a mole."""
        await self._doctor.see(".exam button.photo")
        await self._doctor.until(SEEN)
        shown = await self._hand.until("examShown", lambda item: item.visible, "what the specialist sees")
        return f"a mole in a black frame at the page; the booth says: {shown.text}"

    async def photograph(self) -> None:
        """The specialist asks for a photograph."""
        await self._doctor.page.locator(".exam button.photo").click()

    async def is_asked(self) -> str:
        """The booth asks the patient about this very photograph; the page has nothing of it yet."""
        await self._hand.until("photoSend", lambda item: item.visible and item.enabled, "the question")
        if await self._doctor.page.locator(".photographs").count():
            raise NotObservedError("the page has a photograph that nobody has agreed to")
        return "the booth asks the patient, the page has no photograph"

    async def agree(self) -> None:
        """The helper says where it was taken, the patient lets it go, the camera is put away."""
        await self._hand.tap(f"site-{SITE}")
        await self._hand.tap("photoSend")
        await self._hand.tap("examAway")

    async def is_kept(self) -> str:
        """The page shows all of it, large, and has signed that it was seen; the booth's own camera is back."""
        await self._doctor.see(".photographs figure .seen:not(:empty)")
        await self._doctor.until("() => document.querySelector('.photographs img')?.naturalWidth === 1600")
        words = await self._doctor.text(".photographs figcaption")
        if not words.startswith(SITE_TEXT):
            raise NotObservedError(f"the page's photograph is said to be {words!r}")
        await self._doctor.until(f"() => !({SEEN})()")
        self.kept = 1
        return f"shown and seen: {words}"

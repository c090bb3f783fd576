"""The patient arrives, is identified, agrees, and comes to the specialist by a code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulators.consultation.step import NotObservedError

if TYPE_CHECKING:
    from simulators.consultation.stage import Stage

FAMILY, GIVEN, BORN = "Vauquelin", "Jeanne", "02/04/1950"


class Arriving:
    """Acts of the helper and the specialist until both have compared their six digits."""

    def __init__(self, stage: Stage) -> None:
        self._stage, self._hand, self._doctor = stage, stage.hand, stage.doctor
        self.code = ""  #: as the page shows it

    async def identify(self) -> None:
        """By hand."""
        for field, text in (("familyName", FAMILY), ("givenName", GIVEN), ("birthDate", BORN)):
            await self._hand.type(field, text)
        await self._hand.tap("sexFemale")
        await self._hand.tap("identityConfirm")

    async def stop_list(self) -> None:
        """No emergency."""
        for number in range(1, 6):
            await self._hand.tap(f"stopNo{number}")
        await self._hand.tap("stopNext")

    async def consent(self) -> None:
        """To everything that may be asked; each photograph and each sound is asked for again."""
        for name in ("consentAct", "consentSharing", "consentPhotos", "consentNext"):
            await self._hand.tap(name)

    async def serial_oximeter_is_shown(self) -> str:
        """The screen shows a number of it."""
        key = next((device["key"] for device in (await self._stage.status())["devices"] if device["key"].startswith("serial:")), "")
        shown = await self._hand.until(f"live-{key}-spo2", lambda item: any(digit in item.text for digit in "0123456789"), "a number")
        return f"the screen shows {shown.text}"

    async def make_code(self) -> None:
        """The specialist makes a code for the patient."""
        await self._doctor.page.locator("button.make-code").click()

    async def page_shows_a_code(self) -> str:
        """Digits that somebody can read out."""
        await self._doctor.see(".patient-code .digits")
        self.code = await self._doctor.text(".patient-code .digits")
        return f"the page shows a code of {sum(sign.isdigit() for sign in self.code)} digits for the patient"

    async def type_the_code(self) -> None:
        """The patient has been told it."""
        await self._hand.tap("doctorCode")
        await self._hand.type("codeInput", self.code)
        await self._hand.tap("codeConfirm")

    async def page_shows_the_ticket(self) -> str:
        """The same on both screens."""
        ticket = (await self._hand.until("ticket", lambda item: bool(item.text), "a ticket")).text
        await self._doctor.see(".patient-code .arrived")
        seen = (await self._doctor.text(".patient-code .arrived")).split()[-1]
        if not seen or seen not in ticket:
            raise NotObservedError(f"the page shows ticket {seen!r}, the screen {ticket!r}")
        return f"ticket {seen} on both screens"

    async def join(self) -> None:
        """The specialist enters."""
        await self._doctor.page.locator(".patient-code button.primary").click()

    async def compare(self) -> None:
        """Both read the digits aloud."""
        digits = (await self._doctor.text(".code .digits")).replace(" ", "")
        shown = await self._hand.until("authentication", lambda item: len(item.text.replace(" ", "")) >= len(digits), "six digits")
        if shown.text.replace(" ", "") != digits:
            raise NotObservedError(f"the page shows {digits}, the screen {shown.text}")
        await self._doctor.page.locator(".code button.primary").click()
        await self._hand.tap("identicalYes")

    async def both_have_compared(self) -> str:
        """Agent and page say so."""
        await self._stage.agent("verified", value=True)
        await self._doctor.see(".phase .verified")
        return "the same six digits on both screens"

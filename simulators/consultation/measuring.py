"""Measurements during the call: live on the page, confirmed by the helper, seen by the specialist; old ones are not sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulators.consultation.step import NotObservedError

if TYPE_CHECKING:
    from simulators.consultation.stage import Stage


class Measuring:
    """Acts of the instruments and the helper, and what the page shows of them."""

    def __init__(self, stage: Stage) -> None:
        self._stage, self._doctor = stage, stage.doctor
        self.confirmed: list[str] = []  #: ids of the results

    async def tile(self, vital: str, text: str) -> str:
        """The page's tile reads so."""
        await self._doctor.until(
            "([vital, text]) => [...document.querySelectorAll(`.tile[data-vital='${vital}'] .value`)].some((e) => e.textContent === text)",
            [vital, text],
        )
        return f"the page's tile of {vital} shows {text}"

    async def live_saturation_is_shown(self) -> str:
        """Of both oximeters."""
        await self._doctor.until(
            "() => [...document.querySelectorAll(\".tile[data-vital='spo2'][data-state='live']\")]"
            ".filter((e) => /[0-9]/.test(e.querySelector('.value').textContent)).length > 1"
        )
        return "two live saturations, one a device"

    async def confirm(self) -> None:
        """The helper confirms what waits."""
        await self._stage.until("there is nothing to confirm", self._first_pending)
        for result in await self._pending():
            await self._stage.hand.tap(f"confirm-{result}")
            self.confirmed.append(result)

    async def _pending(self) -> list[str]:
        kept = (await self._stage.status())["kept"]
        return [result["id"] for result in kept if result["state"] == "pending" and result["id"] not in self.confirmed]

    async def _first_pending(self) -> str | None:
        return next(iter(await self._pending()), None)

    async def results_are_seen(self) -> str:
        """The page says so of each, and the agent holds the signed receipts."""
        if await self._pending() or not self.confirmed:
            raise NotObservedError("a result waits for the helper's word")
        for result in self.confirmed:
            await self._doctor.see(f"[data-envelope='{result}'] .seen:not(:empty)")

        async def ask() -> str | None:
            seen = [kept["id"] for kept in (await self._stage.status())["kept"] if kept["state"] == "seen"]
            return f"{len(seen)} signed receipts" if set(self.confirmed) <= set(seen) else None

        return await self._stage.until("the specialist's receipt did not come", ask)

    async def old_reading_is_shown(self) -> str:
        """On the booth's screen, as not sent."""

        async def ask() -> str | None:
            return next((entry["id"] for entry in (await self._stage.status())["unattributed"]), None)

        identifier = await self._stage.until("the agent has no unattributed reading", ask)
        shown = await self._stage.hand.until(f"unattributed-{identifier}", lambda item: item.visible, "the old reading")
        return f"the screen says: {shown.text}"

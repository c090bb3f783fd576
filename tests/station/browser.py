"""The specialist's browser: Debian's Chromium, driven by playwright, looked at as a person would."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from playwright.async_api import Browser, Locator, Page, async_playwright, expect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
]
#: for a call on a machine that may have nothing but loopback
LOOPBACK = "--allow-loopback-in-peer-connection"


@asynccontextmanager
async def chromium(*more: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=[*FLAGS, *more])
        try:
            yield browser
        finally:
            await browser.close()


class Specialist:
    """One tab."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    @classmethod
    async def open(cls, browser: Browser, link: str, *, camera: bool = True, script: str = "", **context: Any) -> Specialist:
        """A browser profile of its own, with one tab at `link`; `script` runs in the tab before the page's own."""
        given = {"permissions": ["camera", "microphone"] if camera else [], "locale": "fr-FR", "viewport": {"width": 1360, "height": 860}}
        page = await (await browser.new_context(**{**given, **context})).new_page()
        specialist = cls(page)
        await page.add_init_script(script)
        await page.goto(link)
        return specialist

    async def enter(self) -> None:
        """Into the first consultation of the waiting room."""
        await self.page.get_by_role("button", name="Entrer").click()

    async def sees(self, text: str, seconds: float = 12) -> None:
        """The text is on the screen within so many seconds."""
        await expect(self.page.get_by_text(text).first).to_be_visible(timeout=seconds * 1000)

    async def phase(self, name: str, seconds: float = 12) -> None:
        await expect(self.page.locator(".room")).to_have_attribute("data-phase", name, timeout=seconds * 1000)

    async def press(self, name: str) -> None:
        await self.page.get_by_role("button", name=name, exact=True).click()

    def tile(self, vital: str) -> Locator:
        return self.page.locator(f'.tile[data-vital="{vital}"]')

    async def reads(self, vital: str, value: str) -> None:
        await expect(self.tile(vital).locator(".value")).to_have_text(value, timeout=8000)

    async def until(self, condition: str) -> None:
        """Looks at each frame until the expression holds. (playwright's wait_for_function wants eval, which the page's policy forbids.)"""
        await self.page.evaluate(
            f"() => new Promise((done) => {{ const look = () => ({condition}) ? done() : requestAnimationFrame(look); look(); }})"
        )

    async def measures(self) -> dict[str, Any]:
        return dict(await self.page.evaluate("JSON.parse(JSON.stringify(window.telecabineMeasures))"))

"""A specialist with a real browser: headless Chromium on the station's page. Sees only what the page shows."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from playwright.async_api import async_playwright

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Browser, BrowserContext, Page, Playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
)


class Doctor:
    """One browser with one page. `patience_ms` bounds every wait; `program` starts the browser."""

    def __init__(self, camera: Path, patience_ms: int = 20_000, program: str = CHROMIUM) -> None:
        self._camera, self._patience, self._program = camera, patience_ms, program
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._context: BrowserContext | None = None
        self._page: Page | None = None

    async def start(self, home: Path) -> None:
        """Start the browser with this home directory, whose NSS database says which authorities it believes beside its own."""
        self._playwright = await async_playwright().start()
        flags = [*FLAGS, f"--use-file-for-fake-video-capture={self._camera}"]
        self._browser = await self._playwright.chromium.launch(
            executable_path=self._program, args=flags, env={**os.environ, "HOME": str(home)}
        )
        self._context = await self._browser.new_context(
            permissions=["camera", "microphone"], viewport={"width": 1360, "height": 1000}, locale="fr-FR", accept_downloads=True
        )
        self._context.set_default_timeout(self._patience)
        self._page = await self._context.new_page()

    @property
    def page(self) -> Page:
        """The page.

        Raises:
            RuntimeError: the browser has not started.
        """
        if self._page is None:
            raise RuntimeError("the specialist's browser has not started")
        return self._page

    def hurry(self, patience_ms: int) -> None:
        """Wait no longer than this from now on."""
        self._patience = patience_ms
        if self._context is not None:
            self._context.set_default_timeout(patience_ms)

    async def open(self, link: str) -> None:
        """Follow the sign-in link."""
        await self.page.goto(link)

    async def text(self, selector: str) -> str:
        """The text of an element, once it is there."""
        return " ".join((await self.page.locator(selector).first.inner_text()).split())

    async def see(self, selector: str) -> None:
        """Wait until an element is visible."""
        await self.page.locator(selector).first.wait_for(state="visible")

    async def measures(self) -> dict[str, Any]:
        """What the page has measured of itself."""
        found: dict[str, Any] = await self.page.evaluate("JSON.parse(JSON.stringify(window.telecabineMeasures))")
        return found

    async def until(self, expression: str, argument: object = None) -> None:
        """Wait until a JavaScript expression is true in the page."""
        await self.page.wait_for_function(expression, arg=argument, polling=50)

    async def download(self, selector: str, path: Path) -> None:
        """Click something that saves a file, and keep the file."""
        async with self.page.expect_download() as waiting:
            await self.page.locator(selector).first.click()
        await (await waiting.value).save_as(path)

    async def grab(self, path: Path) -> None:
        """Take a picture of the page."""
        await self.page.screenshot(path=path, full_page=True)

    async def close(self) -> None:
        """Close the browser."""
        if self._browser is not None:
            await self._browser.close()
        if self._playwright is not None:
            await self._playwright.stop()

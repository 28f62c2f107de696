"""Makes the pictures in `docs/images/` from the demo: `.venv/bin/python scripts/screenshots.py`. Needs Chromium."""

import asyncio
import shutil
import tempfile
from pathlib import Path

import aiohttp
from playwright.async_api import Browser, async_playwright

from reelhook.cli.demo.audience import Audience
from reelhook.cli.demo.play import Client, play
from reelhook.cli.demo.stage import Stage, stage

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
SIZES = {"desktop": (1280, 860), "phone": (390, 844)}
WHEEL_MS = 3000
"""How long the browser's own player may turn a wheel after it has all it needs, of which it tells no page."""


async def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder:
        async with (
            aiohttp.ClientSession() as session,
            stage(Path(folder), session, any_port=True) as at,
            async_playwright() as playwright,
        ):
            browser = await playwright.chromium.launch(executable_path=chromium)
            performing = asyncio.create_task(_perform(session, at))
            await _pictures(browser, at, performing)
            await browser.close()


async def _perform(session: aiohttp.ClientSession, at: Stage) -> None:
    await play(Client(session, at), Audience(session, at.base, at.api_key), at, print)


async def _pictures(browser: Browser, at: Stage, performing: "asyncio.Task[None]") -> None:
    """The board while it moves, and the end of it on a phone, in the dark."""
    context = await browser.new_context(viewport=_size("desktop"), device_scale_factor=1)
    page = await context.new_page()
    await page.goto(at.sign_in)
    await page.wait_for_url("**/")
    # By then some are ready, one has failed, one is being archived and one is still rendering.
    await page.get_by_role("article").filter(has_text="A tour of the product").locator("img[src]").first.wait_for()
    await page.screenshot(path=IMAGES / "board.png")
    state = await context.storage_state()
    await performing
    await page.get_by_role("link", name="Welcome to the team").first.click()
    await page.get_by_text("Stored and verified").wait_for()
    await page.wait_for_timeout(WHEEL_MS)
    await page.screenshot(path=IMAGES / "video.png")
    await context.close()
    phone = await browser.new_context(
        base_url=at.base, viewport=_size("phone"), device_scale_factor=2, color_scheme="dark", storage_state=state
    )
    page = await phone.new_page()
    await page.goto("/")
    await page.get_by_text("Live", exact=True).wait_for()
    await page.get_by_role("article").locator("img[src]").first.wait_for()
    await page.screenshot(path=IMAGES / "phone.png")
    await phone.close()


def _size(name: str) -> "dict[str, int]":
    width, height = SIZES[name]
    return {"width": width, "height": height}


if __name__ == "__main__":
    IMAGES.mkdir(parents=True, exist_ok=True)
    asyncio.run(main())

"""Writes every page and picture that is made from the code: `python -m scripts.reference` (`make reference`)."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from scripts.reference import (
    alerts_page,
    api_page,
    caching_page,
    codes_page,
    commands_page,
    events_page,
    pictures,
    settings_page,
    tuning_page,
)

DOCS = Path(__file__).resolve().parents[2] / "docs"


async def pages() -> Mapping[str, str]:
    """What each page and picture should be, by its place in docs/."""
    return {
        "reference/alerts.md": alerts_page.page(),
        "reference/api.md": await api_page.page(),
        "reference/codes.md": codes_page.page(),
        "reference/commands.md": commands_page.page(),
        "reference/events.md": events_page.page(),
        "reference/settings.md": settings_page.page(),
        "http-caching.md": caching_page.page(),
        "tuning.md": tuning_page.page(),
        "images/event-life.svg": pictures.EVENT.svg(),
        "images/job-life.svg": pictures.JOB.svg(),
        "images/video-life.svg": pictures.VIDEO.svg(),
    }


async def main() -> None:
    for name, text in (await pages()).items():
        (DOCS / name).write_text(text)


if __name__ == "__main__":
    asyncio.run(main())

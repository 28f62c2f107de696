"""The disk of the database is full for two minutes; webhooks are answered 503. It is told when there is room again."""

from collections.abc import AsyncIterator

from sqlalchemy import text

from reelhook.monitoring.rules.rule import Severity
from tests.monitoring.world import World

NONE, PLENTY = 1, 1_000_000  # SQLite takes the first as the pages that it has


async def cause(world: World) -> AsyncIterator[Severity]:
    await _allow(world, NONE)
    for minutes in (1, 1):
        assert await world.post("avatar_video.success", video_id="hg-1", pad="x" * 500_000) == 503
        world.passes(minutes=minutes)
    await _allow(world, PLENTY)
    assert await world.post("avatar_video.success", video_id="hg-1", pad="x" * 500_000) == 200
    yield Severity.WARNING
    world.passes(minutes=15)


async def _allow(world: World, pages: int) -> None:
    """So many, in the connection that writes."""
    await world.parts.db.write(lambda tx: tx.execute(text(f"PRAGMA max_page_count = {pages}")).close())

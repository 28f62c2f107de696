"""A secret was rotated, and an hour later its time is over; somebody still signs with it, and then with the new one."""

from collections.abc import AsyncIterator
from datetime import timedelta

from reelhook.monitoring.rules.rule import Severity
from tests.monitoring.world import SECRET, World


async def cause(world: World) -> AsyncIterator[Severity]:
    book = world.parts.secrets
    (old,) = [one.fingerprint for one in book.held]
    retires_at = world.clock.now() + timedelta(hours=1)
    await book.change(lambda tx: book.rows.replace(tx, "ep-1", "whsec_new", retires_at, old))
    world.passes(hours=2)
    assert await world.post("avatar_video.success", secret=SECRET, video_id="hg-1") == 401
    await book._uses.flush()
    yield Severity.CRITICAL
    assert await world.post("avatar_video.success", secret="whsec_new", video_id="hg-1") == 200
    world.passes(hours=1)

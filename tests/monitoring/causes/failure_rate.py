"""HeyGen says of one video after the other that it failed; those of the next hours succeed."""

from collections.abc import AsyncIterator

from reelhook.jobs.kinds import ApplyEvents
from reelhook.monitoring.rules.rule import Severity
from tests.monitoring.world import World


async def cause(world: World) -> AsyncIterator[Severity]:
    for number in range(6):
        await world.post("avatar_video.fail", video_id=f"hg-{number}", msg="not enough credit")
    await world.work(ApplyEvents.kind)
    yield Severity.CRITICAL
    world.passes(hours=3)
    for number in range(6, 12):
        await world.post("avatar_video.success", video_id=f"hg-{number}", url=f"{world.outside.url}/tour.mp4")
    await world.work(ApplyEvents.kind)

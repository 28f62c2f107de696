"""Videos have been rendering for an hour and nothing comes; then HeyGen calls."""

from collections.abc import AsyncIterator

from reelhook.jobs.kinds import ApplyEvents
from reelhook.monitoring.rules.rule import Severity
from tests.monitoring.world import World


async def cause(world: World) -> AsyncIterator[Severity]:
    await world.video("hg-1")
    await world.video("hg-2")
    world.passes(hours=1)
    yield Severity.WARNING
    await world.post("avatar_video.success", video_id="hg-1", url=f"{world.outside.url}/tour.mp4")
    await world.work(ApplyEvents.kind)

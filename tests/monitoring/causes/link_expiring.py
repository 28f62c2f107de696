"""A rendered file cannot be fetched, and its link ends within the hour; then the file is fetched after all."""

from collections.abc import AsyncIterator
from datetime import timedelta

from reelhook.jobs.kinds import ApplyEvents, ArchiveAsset
from reelhook.monitoring.rules.rule import Severity
from tests.archive.host import film, status, whole
from tests.monitoring.world import World


async def cause(world: World) -> AsyncIterator[Severity]:
    ends = int((world.clock.now() + timedelta(minutes=50)).timestamp())
    world.outside.put("/tour.mp4", status(503))
    link = f"{world.outside.url}/tour.mp4?Expires={ends}&Signature=s&Key-Pair-Id=k"
    await world.post("avatar_video.success", video_id="hg-1", url=link)
    await world.work(ApplyEvents.kind, ArchiveAsset.kind)
    yield Severity.CRITICAL
    world.outside.put("/tour.mp4", whole(film()))
    world.passes(minutes=5)
    await world.work(ArchiveAsset.kind)

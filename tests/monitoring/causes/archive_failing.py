"""HeyGen's file host answers 503 to every fetch; when it has the files again, they are kept, and time goes by."""

from collections.abc import AsyncIterator

from reelhook.jobs.kinds import ApplyEvents, ArchiveAsset
from reelhook.monitoring.rules.rule import Severity
from tests.archive.host import film, status, whole
from tests.monitoring.world import World

FILES = [f"/tour-{number}.mp4" for number in range(6)]


async def cause(world: World) -> AsyncIterator[Severity]:
    for number, path in enumerate(FILES):
        link = world.outside.put(path, status(503))
        await world.post("avatar_video.success", video_id=f"hg-{number}", url=link)
    await world.work(ApplyEvents.kind, ArchiveAsset.kind)
    yield Severity.CRITICAL
    for path in FILES:
        world.outside.put(path, whole(film()))
    world.passes(hours=1)
    await world.work(ArchiveAsset.kind)

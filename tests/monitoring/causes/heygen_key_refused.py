"""HeyGen answers 401 to what is asked of it, until it takes the key again."""

from collections.abc import AsyncIterator

from reelhook.jobs.kinds import ConfirmVideo
from reelhook.monitoring.rules.rule import Severity
from tests.archive.host import status
from tests.monitoring.world import World


async def cause(world: World) -> AsyncIterator[Severity]:
    video_id = await world.video("hg-1")
    world.outside.put("/v3/videos/hg-1", status(401, b'{"error": {"code": "unauthorized", "message": "No"}}'))
    await world.wants(ConfirmVideo(video_id=video_id))
    await world.work(ConfirmVideo.kind)
    yield Severity.CRITICAL
    world.outside.put("/v3/videos/hg-1", status(200, b'{"data": {"id": "hg-1", "status": "processing"}}'))
    world.passes(minutes=2)
    await world.work(ConfirmVideo.kind)

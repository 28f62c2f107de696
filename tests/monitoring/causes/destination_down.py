"""HeyGen answers nothing that is an answer for longer than half an hour, and then it does again."""

from collections.abc import AsyncIterator

from reelhook.jobs.kinds import ConfirmVideo
from reelhook.monitoring.rules.rule import Severity
from tests.archive.host import status
from tests.monitoring.world import World


async def cause(world: World) -> AsyncIterator[Severity]:
    video_id = await world.video("hg-1")
    world.outside.put("/v3/videos/hg-1", status(502))
    await world.wants(*(ConfirmVideo(video_id=video_id, event_id=str(number)) for number in range(5)))
    await world.work(ConfirmVideo.kind)
    world.passes(minutes=40)
    await world.work(ConfirmVideo.kind)
    yield Severity.CRITICAL
    world.outside.put("/v3/videos/hg-1", status(200, b'{"data": {"id": "hg-1", "status": "processing"}}'))
    world.passes(minutes=5)
    await world.work(ConfirmVideo.kind)

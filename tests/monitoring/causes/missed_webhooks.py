"""HeyGen has finished three videos and told nobody: asking finds it. A day later every webhook has come."""

from collections.abc import AsyncIterator

import orjson

from reelhook.jobs.kinds import ReconcileVideos
from reelhook.monitoring.rules.rule import Severity
from tests.archive.host import status
from tests.monitoring.world import World

VIDEOS = ("hg-1", "hg-2", "hg-3")


async def cause(world: World) -> AsyncIterator[Severity]:
    for heygen_id in VIDEOS:
        await world.video(heygen_id)
        done = {"id": heygen_id, "status": "failed", "failure_code": "RENDER", "failure_message": "no such avatar"}
        world.outside.put(f"/v3/videos/{heygen_id}", status(200, orjson.dumps({"data": done})))
    world.passes(hours=1)
    await world.wants(ReconcileVideos())
    await world.work(ReconcileVideos.kind)
    yield Severity.CRITICAL
    world.passes(days=1)

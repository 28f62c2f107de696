"""Somebody posts with a secret that nobody knows; two hours later the stranger has gone."""

from collections.abc import AsyncIterator

from reelhook.monitoring.rules.rule import Severity
from tests.monitoring.world import World


async def cause(world: World) -> AsyncIterator[Severity]:
    for _ in range(60):
        await world.post("avatar_video.success", secret="whsec_stranger", video_id="hg-1")
    await world.parts.rejections.counts.flush()
    yield Severity.WARNING
    world.passes(hours=2)

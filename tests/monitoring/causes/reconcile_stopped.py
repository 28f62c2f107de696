"""Nobody asks HeyGen what was missed for more than an hour; then a worker does."""

from collections.abc import AsyncIterator

from reelhook.jobs.kinds import ReconcileVideos
from reelhook.monitoring.rules.rule import Severity
from tests.monitoring.world import World


async def cause(world: World) -> AsyncIterator[Severity]:
    await world.wants(ReconcileVideos())
    world.passes(minutes=65)
    yield Severity.WARNING
    await world.work(ReconcileVideos.kind)

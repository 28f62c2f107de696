"""Cloudinary says that nearly all credits of the plan are used up; then the plan is a larger one."""

from collections.abc import AsyncIterator

from reelhook.jobs.kinds import MeasureStores
from reelhook.monitoring.rules.rule import Severity
from tests.archive.host import Answer, status
from tests.monitoring.world import World


async def cause(world: World) -> AsyncIterator[Severity]:
    world.outside.put("/v1_1/c/usage", _credits(used=95))
    await world.wants(MeasureStores())
    await world.work(MeasureStores.kind)
    yield Severity.CRITICAL
    world.outside.put("/v1_1/c/usage", _credits(used=42))
    world.passes(minutes=30)
    await world.wants(MeasureStores())
    await world.work(MeasureStores.kind)


def _credits(used: float) -> Answer:
    return status(200, b'{"credits": {"used_percent": %d}, "storage": {"usage": 1}}' % used)

"""Work is due, and for minutes nobody takes it; then a worker starts."""

from collections.abc import AsyncIterator

from reelhook.jobs.kinds import CountHours
from reelhook.monitoring.rules.rule import Severity
from tests.monitoring.world import World


async def cause(world: World) -> AsyncIterator[Severity]:
    await world.wants(CountHours())
    world.passes(minutes=3)
    yield Severity.CRITICAL
    await world.work()

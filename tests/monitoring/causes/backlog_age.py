"""The only worker is busy, and what is due waits for a quarter of an hour; then it keeps up again."""

from collections.abc import AsyncIterator

from reelhook.jobs.kinds import CountHours, FlagLate
from reelhook.monitoring.rules.rule import Severity
from tests.monitoring.world import World


async def cause(world: World) -> AsyncIterator[Severity]:
    await world.wants(CountHours())
    world.passes(minutes=16)
    await world.wants(FlagLate())
    await world.work(FlagLate.kind)
    yield Severity.CRITICAL
    await world.work()

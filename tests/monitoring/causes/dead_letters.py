"""A file is to be deleted from a store that the settings do not name any more; somebody puts the job aside."""

from collections.abc import AsyncIterator

from sqlalchemy import select

from reelhook.db.tables import jobs
from reelhook.jobs.dead_letters import DeadLetters
from reelhook.jobs.kinds import DeleteStored
from reelhook.monitoring.rules.rule import Severity
from tests.monitoring.world import World


async def cause(world: World) -> AsyncIterator[Severity]:
    db = world.parts.db
    await world.wants(DeleteStored(store="attic", location="tour"))
    await world.work(DeleteStored.kind)
    yield Severity.WARNING
    letter = await db.read(lambda conn: conn.execute(select(jobs.c.id).where(jobs.c.state == "dead")).scalar_one())
    await db.write(lambda tx: DeadLetters(world.clock).discard(tx, letter, "the account is closed"))

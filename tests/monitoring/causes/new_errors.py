"""A job comes upon a fault of ours, and an operator says that it is mended."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from reelhook.db.tables import error_groups
from reelhook.jobs.kinds import FlagLate
from reelhook.monitoring.errors.acts import ErrorActs
from reelhook.monitoring.rules.rule import Severity
from tests.monitoring.scene import OPERATOR
from tests.monitoring.world import World


async def cause(world: World) -> AsyncIterator[Severity]:
    db, errors = world.parts.db, world.parts.errors
    errors.book.listen()
    await world.wants(FlagLate())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.parts.lifecycle, "flag_late", lambda tx: {}["late"])
        await world.work(FlagLate.kind)
    await errors.book.close()
    yield Severity.WARNING
    error = await db.read(lambda conn: conn.execute(select(error_groups.c.id)).scalar_one())
    await ErrorActs(db, world.clock, world.parts.access.audit).resolve(OPERATOR, error)

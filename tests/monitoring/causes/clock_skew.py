"""The machine's clock runs seven seconds ahead of the database's, until it is set."""

from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from reelhook.db import Tx
from reelhook.monitoring import Heartbeat
from reelhook.monitoring.rules.rule import Severity
from tests.monitoring.world import World


async def cause(world: World) -> AsyncIterator[Severity]:
    """A file has no clock of its own: this is what Postgres would answer (test_heartbeat.py asks it)."""

    def behind(_: Heartbeat, tx: Tx) -> tuple[datetime, float]:
        return world.clock.now(), 7.0

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Heartbeat, "_compare_clocks", behind)
        yield Severity.WARNING

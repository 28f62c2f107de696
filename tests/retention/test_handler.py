"""The job that prunes takes turns, with its tables and with everybody else, and stops in time."""

import asyncio
from datetime import datetime
from typing import Any

import pytest
from prometheus_client import REGISTRY

from reelhook.db import Database, Tx
from reelhook.db.sweep import Batch, Sweep, fixed
from reelhook.db.tables import audit, marks, timeline
from reelhook.jobs.kinds import Prune
from reelhook.retention import PruneHandler
from reelhook.retention import handler as driver
from tests.conftest import StillClock


class Told(Sweep):
    """A sweep whose batches are as a test says, and which tells what is done."""

    __slots__ = ("done", "left")

    def __init__(self, key: Any, *batches: Any, done: list[str]) -> None:
        super().__init__(key, fixed(1))
        object.__setattr__(self, "left", list(batches))
        object.__setattr__(self, "done", done)

    def batch(self, tx: Tx, after: Any, bound: Any, most: int) -> Batch:
        self.done.append(self.table)
        removed = self.left.pop(0)
        if isinstance(removed, Exception):
            raise removed
        return Batch(removed, len(self.left) or None)


def pruned(table: str) -> float:
    return REGISTRY.get_sample_value("reelhook_pruned_rows_total", {"table": table}) or 0


@pytest.fixture
def done() -> list[str]:
    return []


async def test_tables_take_turns_and_each_row_is_counted(db: Database, clock: StillClock, done: list[str]) -> None:
    before = pruned("audit"), pruned("timeline")
    both = [Told(audit.c.id, 5, 5, 1, done=done), Told(timeline.c.id, 2, done=done)]
    await PruneHandler(db, clock, lambda now: both)(Prune())
    assert done == ["audit", "timeline", "audit", "audit"]
    assert (pruned("audit"), pruned("timeline")) == (before[0] + 11, before[1] + 2)


async def test_a_table_where_nothing_may_go_is_left_alone(db: Database, clock: StillClock) -> None:
    await PruneHandler(db, clock, lambda now: [Sweep(audit.c.id, fixed(None))])(Prune())


async def test_one_that_fails_holds_up_no_other_and_is_told_at_the_end(
    db: Database, clock: StillClock, done: list[str]
) -> None:
    failing = [Told(audit.c.id, LookupError("a bug"), done=done), Told(timeline.c.id, 1, 1, done=done)]
    with pytest.raises(LookupError, match="a bug"):
        await PruneHandler(db, clock, lambda now: failing)(Prune())
    assert done == ["audit", "timeline", "timeline"]


async def test_a_run_ends_in_time_and_the_next_one_goes_on(db: Database, clock: StillClock) -> None:
    done: list[str] = []

    class Slow(Told):
        __slots__ = ()

        def batch(self, *args: Any) -> Batch:
            clock.move(driver.LONGEST_S / 2)
            return super().batch(*args)

    slow = [Slow(audit.c.id, 1, 1, 1, 1, 1, done=done)]
    handler = PruneHandler(db, clock, lambda now: slow)
    await handler(Prune())
    assert len(done) == 2
    await handler(Prune())
    assert len(done) == 4


async def test_who_wants_to_write_meanwhile_gets_a_turn_after_each_batch(
    db: Database, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "BATCH", 2)
    rows = [{"at": clock.now(), "actor": "a", "action": "x", "target": None, "data": {}} for _ in range(40)]
    await db.write(lambda tx: tx.execute(audit.insert(), rows).rowcount)
    left: list[int] = []

    def write(tx: Tx) -> None:
        tx.execute(marks.insert(), {"name": str(len(left)), "value": "x"})
        left.append(len(tx.execute(audit.select()).fetchall()))

    pruning = asyncio.create_task(PruneHandler(db, clock, lambda now: [Sweep(audit.c.id, fixed(100))])(Prune()))
    while not pruning.done():
        await db.write(write)
    await pruning
    assert any(0 < rows < 40 for rows in left), f"they were not served in turns: {left}"
    assert await db.read(lambda conn: conn.execute(audit.select()).fetchall()) == []


async def test_the_time_of_a_run_decides_what_is_old(db: Database, clock: StillClock) -> None:
    asked: list[datetime] = []
    await PruneHandler(db, clock, lambda now: asked.append(now) or [])(Prune())  # type: ignore[func-returns-value]
    assert asked == [clock.now()]

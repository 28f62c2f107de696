"""The table under everything that can happen to its workers.

Any interleaving of claim, heartbeat, settle, crash, lease expiry and clock jump, with a person who retries and discards
what is dead, never runs a job twice to completion under two live fencing tokens, and never loses one.
"""

import atexit
import itertools
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule
from sqlalchemy import Row

from reelhook.db import Database, Tx
from reelhook.db.schema import prepare
from reelhook.db.tables import job_attempts, jobs, marks
from reelhook.errors import Conflict
from reelhook.jobs import Failure, Job, Queue
from reelhook.jobs.dead_letters import DeadLetters
from reelhook.jobs.kinds import ArchiveAsset, Work
from reelhook.jobs.queue import LeaseLost
from reelhook.kit.ids import Ids
from tests.conftest import StillClock, counting_bytes, examples
from tests.jobs.scene import LEASE, REFUSED, work

AGAIN = Failure("x", "again", True)
OPEN = ("available", "running", "retryable")
HOUR = 3600


@cache
def database() -> Database:
    """One for all examples: making its tables anew would take longer than an example."""
    folder = tempfile.TemporaryDirectory()
    made = Database(f"sqlite:///{Path(folder.name) / 'x.db'}")
    made.migrate(prepare)
    atexit.register(folder.cleanup)
    atexit.register(made.close)
    return made


class Table(RuleBasedStateMachine):
    """Workers claim, beat, settle, stop, die; clocks jump; whoever is left rescues; a person looks after the dead."""

    held: Bundle[Job] = Bundle("held")

    def __init__(self) -> None:
        super().__init__()
        self.db = database()
        self.db.write_now(lambda tx: [tx.execute(table.delete()) for table in (jobs, marks)])
        self.clock = StillClock()
        self.queue = Queue(self.clock, Ids(self.clock, counting_bytes()))
        self.letters = DeadLetters(self.clock)
        self.numbers = itertools.count()
        self.added: set[str] = set()
        self.completed: list[str] = []
        self.aside: set[str] = set()
        self.tokens: defaultdict[str, list[int]] = defaultdict(list)  # every fence ever given out, in that order

    def teardown(self) -> None:
        self.drain()
        self.nothing_is_lost()
        assert set(self.completed) | self.aside == self.added, "all is completed, but for what a person put aside"

    # Few rules with many ways each: hypothesis leaves out some of the rules in each example.

    @initialize()
    def begin(self) -> None:
        self.add(3, 0)

    @rule(number=st.integers(1, 3), delay_s=st.sampled_from([0, 0, 20]))
    def add(self, number: int, delay_s: int) -> None:
        """As many jobs, and one that may be open only once."""
        for what in (
            *(work(f"job-{next(self.numbers)}") for _ in range(number)),
            ArchiveAsset(asset_id="a", video_id="v"),
        ):
            self._add(what, delay_s)

    @rule(target=held, limit=st.integers(1, 5))
    def claim(self, limit: int):  # type: ignore[no-untyped-def]
        return multiple(*self._claim(limit))

    @rule(target=held, owners_gone=st.booleans())
    def rescue(self, owners_gone: bool):  # type: ignore[no-untyped-def]
        return multiple(*self._rescue(owners_gone))

    @rule(job=held)
    def beat(self, job: Job) -> None:
        live = self._live(job)
        kept = self.db.write_now(lambda tx: self.queue.extend(tx, [job], LEASE))
        assert kept == ({job.id} if live else set())

    @rule(job=held, how=st.sampled_from(["finish", "retry", "postpone", "bury", "bury"]))
    def settle(self, job: Job, how: str) -> None:
        """Also a job that was settled or lost long ago: a zombie may come back at any time."""
        later = self.clock.now() + timedelta(seconds=5)
        given = {"retry": (AGAIN, later), "postpone": (later, "stopping"), "bury": (REFUSED,)}
        if how == "finish":
            self.finish(job)
        else:
            self._settled(job, lambda tx: getattr(self.queue, how)(tx, job, *given[how]))

    @rule(job=consumes(held))
    def die(self, job: Job) -> None:
        """Its worker is gone without a word."""

    @rule(pick=st.integers(0, 9), aside=st.sampled_from([False, False, True]))
    def look_after_the_dead(self, pick: int, aside: bool) -> None:
        """A person retries or discards: a dead letter if there is one, but anything may have become of it meanwhile."""
        found = sorted(self.rows(jobs), key=lambda row: row.state != "dead")
        row = found[pick % len(found)]
        refused = row.state != "dead" or row.discarded_reason is not None
        try:
            if aside:
                self.db.write_now(lambda tx: self.letters.discard(tx, row.id, "made by hand"))
                self.aside.add(row.id)
            else:
                refused = refused or self._open(row.unique_key)
                self.db.write_now(lambda tx: self.letters.retry(tx, row.id))
        except Conflict:
            assert refused
        else:
            assert not refused

    @rule(seconds=st.sampled_from([1, 10, 31, HOUR, 9 * HOUR, -60, -HOUR, -9 * HOUR]))
    def let_the_clock_jump(self, seconds: int) -> None:
        self.clock.move(seconds)

    def finish(self, job: Job) -> None:
        def complete(tx: Tx) -> None:
            self.queue.finish(tx, job)
            tx.execute(marks.insert(), {"name": job.id, "value": "done"})

        if self._settled(job, complete):
            self.completed.append(job.id)

    @invariant()
    def nothing_is_done_twice(self) -> None:
        """Each token is given out once, the newest alone is live, and it alone can complete the job."""
        for job_id, fences in self.tokens.items():
            assert fences == sorted(set(fences)), job_id
        assert max(Counter(self.completed).values(), default=1) == 1
        assert sorted(row.name for row in self.rows(marks)) == sorted(self.completed)

    @invariant()
    def nothing_is_lost(self) -> None:
        """Every job that was added is done, or waits, or is held, or is dead for a person to see."""
        found = {row.id: row for row in self.rows(jobs)}
        assert found.keys() == self.added
        assert {job_id for job_id, row in found.items() if row.state == "done"} == set(self.completed)
        assert {job_id for job_id, row in found.items() if row.discarded_reason} == self.aside
        for row in found.values():
            assert row.state in (*OPEN, "done", "dead")
            assert (row.state == "running") == (row.lease_until is not None) == (row.lease_owner is not None)
            assert (row.state in ("done", "dead")) == (row.finished_at is not None)
            assert row.fence == max(self.tokens[row.id], default=0)
            assert row.state == "dead" or row.id not in self.aside
        keys = [row.unique_key for row in found.values() if row.unique_key and row.state in OPEN]
        assert len(keys) == len(set(keys))

    @invariant()
    def every_story_is_whole(self) -> None:
        """The attempts that count are numbered 1, 2, 3 … through all lives of a job."""
        told: defaultdict[str, list[int]] = defaultdict(list)
        for row in self.rows(job_attempts):
            if row.outcome != "postponed":
                told[row.job_id].append(row.number)
        for row in self.rows(jobs):
            under_way = 1 if row.state == "running" else 0
            assert told[row.id] == list(range(1, row.attempts_before + row.attempts + 1 - under_way))

    def drain(self) -> None:
        """One healthy worker, enough time, and a person who retries what is dead are all it takes."""
        for _ in range(20):
            found = self.rows(jobs)
            if all(row.state == "done" or row.discarded_reason for row in found):
                return
            latest = max(
                moment for row in found for moment in (self.clock.now(), row.run_at, row.lease_until) if moment
            )
            self.clock.move((latest - self.clock.now()).total_seconds() + 1)
            self.db.write_now(partial(self.letters.retry_each, job_ids=[row.id for row in found]))
            for job in (*self._rescue(owners_gone=False), *self._claim(limit=50)):
                self.finish(job)

    def rows(self, table):  # type: ignore[no-untyped-def]
        return self.db.write_now(lambda tx: tx.execute(table.select().order_by(*table.primary_key)).fetchall())

    def _add(self, what: Work, delay_s: int) -> None:
        """Add it, and see whether it was: work with a unique key is not, while the same is open."""
        before = {row.id for row in self.rows(jobs)}
        expected = not self._open(what.unique_key)
        run_at = self.clock.now() + timedelta(seconds=delay_s)
        self.db.write_now(partial(self.queue.add, work=what, run_at=run_at))
        new = {row.id for row in self.rows(jobs)} - before
        assert len(new) == expected
        self.added |= new

    def _claim(self, limit: int) -> list[Job]:
        return self._given(self.db.write_now(partial(self.queue.claim, owner="w", lease=LEASE, limit=limit)))

    def _rescue(self, owners_gone: bool) -> list[Job]:
        take = partial(self.queue.abandoned, owner="r", lease=LEASE, owners_gone=owners_gone)
        return self._given(self.db.write_now(take))

    def _given(self, taken: list[Job]) -> list[Job]:
        for job in taken:
            self.tokens[job.id].append(job.fence)
        return taken

    def _settled(self, job: Job, settle: Callable[[Tx], None]) -> bool:
        """Whether it was allowed: to the one whose token is live, and to nobody else."""
        live = self._live(job)
        try:
            self.db.write_now(settle)
        except LeaseLost:
            assert not live
            return False
        assert live
        return True

    def _live(self, job: Job) -> bool:
        row = self._row(job)
        return bool(row.state == "running" and job.fence == self.tokens[job.id][-1])

    def _row(self, job: Job) -> Row[Any]:
        return next(row for row in self.rows(jobs) if row.id == job.id)

    def _open(self, unique_key: str | None) -> bool:
        keys = {row.unique_key for row in self.rows(jobs) if row.state in OPEN}
        return unique_key is not None and unique_key in keys


TestTable = Table.TestCase
TestTable.settings = settings(max_examples=examples(20), stateful_step_count=40, deadline=None)

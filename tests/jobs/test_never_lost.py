"""The table under everything that can happen to its workers: no job is completed twice, and none is ever lost."""

import atexit
import itertools
import tempfile
from datetime import timedelta
from functools import cache, partial
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from reelhook.db import Database, Tx
from reelhook.db.schema import prepare
from reelhook.db.tables import jobs, marks
from reelhook.jobs import Failure, Job, Queue
from reelhook.jobs.queue import LeaseLost
from reelhook.kit.ids import Ids
from tests.conftest import StillClock, counting_bytes
from tests.jobs.scene import LEASE, work

AGAIN = Failure("x", "again", True)


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
    """Workers claim, beat, settle, stop, and die; clocks jump; whoever is left rescues."""

    held: Bundle[Job] = Bundle("held")

    def __init__(self) -> None:
        super().__init__()
        self.db = database()
        self.db.write_now(lambda tx: [tx.execute(table.delete()) for table in (jobs, marks)])
        self.clock = StillClock()
        self.queue = Queue(self.clock, Ids(self.clock, counting_bytes()))
        self.numbers = itertools.count()
        self.added: set[str] = set()
        self.completed: list[str] = []

    def teardown(self) -> None:
        self.drain()
        assert sorted(self.completed) == sorted(self.added), "every job is completed in the end, once"
        assert {row.name for row in self.rows(marks)} == self.added

    @rule(number=st.integers(1, 3), delay_s=st.sampled_from([0, 0, 20]))
    def add(self, number: int, delay_s: int) -> None:
        for _ in range(number):
            name = f"job-{next(self.numbers)}"
            add = partial(self.queue.add, work=work(name), run_at=self.clock.now() + timedelta(seconds=delay_s))
            self.db.write_now(add)
            self.added.add(name)

    @rule(target=held, limit=st.integers(1, 3))
    def claim(self, limit: int):  # type: ignore[no-untyped-def]
        return multiple(*self.db.write_now(lambda tx: self.queue.claim(tx, "w", LEASE, limit)))

    @rule(job=held)
    def beat(self, job: Job) -> None:
        self.db.write_now(lambda tx: self.queue.extend(tx, [job], LEASE))

    @rule(job=held)
    def finish(self, job: Job) -> None:
        """Also with a job that was settled or lost long ago: a zombie may come back at any time."""

        def settle(tx: Tx) -> None:
            self.queue.finish(tx, job)
            tx.execute(marks.insert(), {"name": job.payload["location"], "value": "done"})

        try:
            self.db.write_now(settle)
        except LeaseLost:
            return
        self.completed.append(job.payload["location"])

    @rule(job=held, give_back=st.booleans())
    def fail_or_give_back(self, job: Job, give_back: bool) -> None:
        later = self.clock.now() + timedelta(seconds=5)
        try:
            if give_back:
                self.db.write_now(lambda tx: self.queue.postpone(tx, job, later, "stopping"))
            else:
                self.db.write_now(lambda tx: self.queue.retry(tx, job, AGAIN, later))
        except LeaseLost:
            return

    @rule(job=consumes(held))
    def die(self, job: Job) -> None:
        """Its worker is gone without a word."""

    @rule(target=held, owners_gone=st.booleans())
    def rescue(self, owners_gone: bool):  # type: ignore[no-untyped-def]
        return multiple(*self.db.write_now(lambda tx: self.queue.abandoned(tx, "r", LEASE, owners_gone=owners_gone)))

    @rule(seconds=st.sampled_from([1, 10, 31, 3600, -60]))
    def let_time_pass(self, seconds: int) -> None:
        self.clock.move(seconds)

    @invariant()
    def nothing_is_lost_or_done_twice(self) -> None:
        found = {row.payload["location"]: row for row in self.rows(jobs)}
        assert found.keys() == self.added
        assert len(self.completed) == len(set(self.completed))
        assert {name for name, row in found.items() if row.state == "done"} == set(self.completed)
        for row in found.values():
            assert (row.state == "running") == (row.lease_until is not None)
            assert row.attempts >= 0

    def drain(self) -> None:
        """One healthy worker and enough time are all it takes."""
        for _ in range(20):
            self.clock.move(3600)
            for job in self.db.write_now(lambda tx: self.queue.abandoned(tx, "r", LEASE)):
                self.finish(job)
            for job in self.db.write_now(lambda tx: self.queue.claim(tx, "w", LEASE, 50)):
                self.finish(job)
            if len(self.completed) == len(self.added):
                return

    def rows(self, table):  # type: ignore[no-untyped-def]
        return self.db.write_now(lambda tx: tx.execute(table.select()).fetchall())


TestTable = Table.TestCase
TestTable.settings = settings(max_examples=20, stateful_step_count=30, deadline=None)

"""Breaks an operation at each of its statements in turn, and looks at the whole database before and after."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from prometheus_client import REGISTRY
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from reelhook.db import Database
from reelhook.db.tables import metadata
from reelhook.errors import DatabaseUnavailable
from reelhook.jobs.queue import SIGNAL as JOBS
from reelhook.realtime.log import SIGNAL as STREAM

MOST_STATEMENTS = 100
BAD_ROW = IntegrityError("a statement", None, Exception("the row is refused"))
AWAY = OperationalError("a statement", None, Exception("the connection is lost"))
COUNTED = ("reelhook_transitions_total", "reelhook_archived_bytes_total")

Act = Callable[[], Awaitable[Any]]
Everything = dict[str, list[str]]


def everything(db: Database) -> Everything:
    """Every row of every table, where the numbers of rows go on (SQLite), and what was counted of the work."""
    found: Everything = {"counters": sorted(_counted())}
    for table, row in db._read(lambda conn: conn.exec_driver_sql(_whole(db.is_sqlite)).fetchall()):
        found.setdefault(table, []).append(row)
    return found


@cache
def _whole(sqlite: bool) -> str:
    """One statement that reads all: there are many looks, and each table by itself would take most of their time."""
    if not sqlite:  # a number of a sequence that was taken is gone for good there; nobody counts on there being no gap
        parts = [f"SELECT '{table}', t::text FROM {table} t" for table in metadata.tables]
    else:
        columns = {table.name: [column.name for column in table.c] for table in metadata.tables.values()}
        columns["sqlite_sequence"] = ["name", "seq"]
        shown = {table: "||','||".join(f'quote("{name}")' for name in names) for table, names in columns.items()}
        parts = [f"SELECT '{table}', {row} FROM {table}" for table, row in shown.items()]
    return f"{' UNION ALL '.join(parts)} ORDER BY 1, 2"


def _counted() -> Iterator[str]:
    for metric in REGISTRY.collect():
        yield from (repr(sample[:3]) for sample in metric.samples if sample.name in COUNTED and sample.value)


@dataclass
class Fault:
    """Breaks the *at*-th statement, COMMIT and what stands before the first one included; *lasting*: all from there."""

    error: DBAPIError
    at: int
    lasting: bool = False
    seen: int = 0
    struck: str | None = None

    def count(self, statement: str) -> None:
        self.seen += 1
        if self.seen == self.at or (self.lasting and self.seen > self.at):
            self.struck = self.struck or statement
            raise self.error


@dataclass
class Breaker:
    """Stands between a database's writer and its driver, and hears what is announced."""

    db: Database
    heard: set[str] = field(default_factory=set)
    _fault: Fault | None = None

    def __post_init__(self) -> None:
        event.listen(self.db._writer, "before_cursor_execute", lambda *given: self._count(given[2]))
        event.listen(self.db._writer, "commit", lambda _: self._count("COMMIT"))
        for topic in (JOBS, STREAM):
            self.db.on_commit(topic, lambda _, topic=topic: self.heard.add(topic))  # type: ignore[misc]

    def _count(self, statement: str) -> None:
        if self._fault is not None:
            self._fault.count(statement)

    @contextmanager
    def breaking(self, fault: Fault) -> Iterator[Fault]:
        self._fault = fault
        try:
            yield fault
        finally:
            self._fault = None

    async def in_turn(self, act: Act) -> set[str]:
        """Run *act* with a fault at its first, second, third… statement, then whole; returns what was announced.

        Each time it breaks nothing may have changed and nothing may have been announced.
        """
        before = everything(self.db)
        self.heard.clear()
        for at, error in self._faults():
            with self.breaking(Fault(error, at)) as fault, suppress(IntegrityError, DatabaseUnavailable):
                await act()
            if fault.struck is None:
                assert changed(before, everything(self.db)), "it does nothing, even when nothing breaks"
                return self.heard
            assert (differ := changed(before, everything(self.db))) == [], f"broken at {fault.struck}: {differ} differ"
            assert self.heard == set(), f"announced, though broken at {fault.struck}"
        raise AssertionError("it never came through")

    def _faults(self) -> Iterator[tuple[int, DBAPIError]]:
        """On Postgres the two errors take turns, for a look costs much more there."""
        for at in range(1, MOST_STATEMENTS):
            both = (BAD_ROW, AWAY)
            yield from ((at, error) for error in (both if self.db.is_sqlite else both[at % 2 :][:1]))


def changed(before: Everything, after: Everything) -> list[str]:
    """The tables in which something differs."""
    return sorted(table for table in before | after if before.get(table) != after.get(table))

"""Threads and transactions: the only way to the database.

Work is a plain function. It runs in a writer thread inside one transaction (`write`), or in a reader thread that cannot
change anything (`read`), in the context (`contextvars`) of who asked for it. SQLite has exactly one writer.
"""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from datetime import datetime
from functools import partial
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, CursorResult, Executable
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from reelhook.db.connections import READERS, WRITERS, connect, is_away
from reelhook.errors import DatabaseUnavailable
from reelhook.kit.points import At, unnoticed

P = ParamSpec("P")
T = TypeVar("T")
Signals = dict[str, list[Any]]

LIMIT_S = 15.0
RETRY_AFTER_S = 5.0


class Tx:
    """One open transaction. What it has signalled is announced after the commit, and only then."""

    def __init__(self, conn: Connection) -> None:
        self.conn = conn
        self.received_at: datetime | None = None  # of the event that is applied: what it changes is timed from there
        self.signals: Signals = {}
        self._read: dict[Any, Any] = {}
        self._later: dict[Executable, list[dict[str, Any]]] = {}
        self._last: dict[Callable[[Connection, list[Any]], None], list[Any]] = {}
        self._committed: list[Callable[[], object]] = []

    def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        return self.conn.execute(statement, parameters)

    def once(self, read: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What *read* finds, asked for once in this transaction: for what it does not change itself.

        *read* is known again by itself and by its arguments, so it is a function of a module, or a method.
        """
        asked = (read, args, *kwargs.items())
        if asked not in self._read:
            self._read[asked] = read(self.conn, *args, **kwargs)
        found: T = self._read[asked]
        return found

    def later(self, statement: Executable, row: dict[str, Any]) -> None:
        """Execute *statement* near the end, once for all the rows that it is given, which have the same names."""
        self._later.setdefault(statement, []).append(row)

    def flush(self) -> None:
        """Do now what was to be done later: for who has to see it in this transaction."""
        for statement, rows in self._later.items():
            self.conn.execute(statement, rows)
        self._later.clear()

    def signal(self, topic: str, *what: object) -> None:
        """Tell whoever listens to *topic*, once this transaction is committed, of *what*."""
        self.signals.setdefault(topic, []).extend(what)

    def at_end(self, work: Callable[[Connection, list[T]], None], item: T) -> None:
        """Do *work* once, just before the commit, with every *item* given for it: for locks that all writers want."""
        self._last.setdefault(work, []).append(item)

    def after_commit(self, work: Callable[[], object]) -> None:
        """Run *work* once this transaction is committed: for counts and log lines, which cannot be rolled back.

        It runs in the context in which it was asked for, so that a line names the span that it is about.
        """
        self._committed.append(partial(copy_context().run, work))

    def finish(self) -> None:
        self.flush()
        for work, items in self._last.items():
            work(self.conn, items)

    def committed(self) -> None:
        for work in self._committed:
            work()


class Database:
    """Reads and writes, each in threads of their own; the event loop never waits for a disk.

    Each write passes the points `begin`, `commit` and `committed`, in its thread.
    """

    def __init__(self, url: str, at: At = unnoticed) -> None:
        self.url, self._at = make_url(url), at
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.writers = 1 if self.is_sqlite else WRITERS  # transactions that can write at the same time
        self._writer = connect(self.url, readonly=False)
        self._reader = connect(self.url, readonly=True)
        self._writers = ThreadPoolExecutor(self.writers, "db-writer")
        self._readers = ThreadPoolExecutor(READERS, "db-reader")
        self._listeners: dict[str, list[Callable[[list[Any]], None]]] = {}
        self._hear: Callable[[DatabaseUnavailable | None], None] = lambda _: None

    async def write(self, work: Callable[[Tx], T], *, limit_s: float = LIMIT_S) -> T:
        """Run *work* in one transaction and return after its commit.

        Raises *DatabaseUnavailable* when the database cannot be reached, is locked, full or read-only, or when it does
        not answer within *limit_s*: then the outcome is unknown, and *work* may still be committed later.
        """
        loop = asyncio.get_running_loop()

        def committed() -> T:
            result, signals = self._write(work)
            # From here, not from the waiter: who gave up waiting does not silence a commit that came through.
            if signals:
                loop.call_soon_threadsafe(self.announce, signals)
            return result

        try:
            # With the context of who asks, so that lines written after the commit say what they are about.
            running = loop.run_in_executor(self._writers, copy_context().run, committed)
            result = await _limited(running, limit_s)
        except DatabaseUnavailable as error:
            self._hear(error)
            raise
        self._hear(None)
        return result

    async def read(self, work: Callable[[Connection], T], *, limit_s: float = LIMIT_S) -> T:
        """Run *work* on a connection that can only read. Raises *DatabaseUnavailable*."""
        loop = asyncio.get_running_loop()
        return await _limited(loop.run_in_executor(self._readers, copy_context().run, self._read, work), limit_s)

    def write_now(self, work: Callable[[Tx], T]) -> T:
        """The same as `write` for code without an event loop (commands, migrations). It blocks, and wakes nobody."""
        return self._write(work)[0]

    def on_commit(self, topic: str, listener: Callable[[list[Any]], None]) -> None:
        """Call *listener* on the event loop after each transaction that signalled *topic*. A hint, never the truth.

        It is called once for each transaction, with all that was signalled in it.
        """
        self._listeners.setdefault(topic, []).append(listener)

    def on_outcome(self, listener: Callable[[DatabaseUnavailable | None], None]) -> None:
        """Call *listener* on the event loop after each write: with None, or with what kept it from being committed."""
        self._hear = listener

    def announce(self, signals: Signals) -> None:
        for topic, what in signals.items():
            for listener in self._listeners.get(topic, ()):
                listener(what)

    def migrate(self, upgrade: Callable[[Connection], T]) -> T:
        """Run *upgrade* in the calling thread inside one write transaction."""
        with _translated(), self._writer.begin() as conn:
            return upgrade(conn)

    def close(self) -> None:
        """Let running work end, then close every connection."""
        self._writers.shutdown(cancel_futures=True)
        self._readers.shutdown(cancel_futures=True)
        self._writer.dispose()
        self._reader.dispose()

    def _write(self, work: Callable[[Tx], T]) -> tuple[T, Signals]:
        with _translated(), self._writer.begin() as conn:
            self._at("begin")
            tx = Tx(conn)
            result = work(tx)
            tx.finish()
            self._at("commit")
        self._at("committed")
        tx.committed()
        return result, tx.signals

    def _read(self, work: Callable[[Connection], T]) -> T:
        with _translated(), self._reader.connect() as conn:
            return work(conn)


async def _limited(future: asyncio.Future[T], limit_s: float) -> T:
    try:
        async with asyncio.timeout(limit_s) as limit:
            return await future
    except TimeoutError:
        if not limit.expired():
            raise  # the work's own
        detail = f"the database did not answer within {limit_s:g} s"
        raise DatabaseUnavailable(detail, retry_after_s=RETRY_AFTER_S) from None


@contextmanager
def _translated() -> Iterator[None]:
    """Turns a driver's "cannot reach, locked, full, read-only" into *DatabaseUnavailable*."""
    try:
        yield
    except (DBAPIError, PoolTimeout) as error:
        if not is_away(error):
            raise
        reason = str(getattr(error, "orig", None) or error).partition("\n")[0]
        raise DatabaseUnavailable(f"the database refused the work: {reason}", retry_after_s=RETRY_AFTER_S) from error

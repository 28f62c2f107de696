"""Engines, threads and transactions: the only way to the database.

Work is a plain function. It runs in a writer thread inside one transaction (`write`), or in a reader thread that cannot
change anything (`read`). SQLite has exactly one writer.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import Connection, CursorResult, Engine, Executable, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

from reelhook.errors import DatabaseUnavailable

T = TypeVar("T")

READERS = 4
POSTGRES_WRITERS = 4
BUSY_TIMEOUT_MS = 5_000
LIMIT_S = 15.0


class Tx:
    """One open transaction. What it has signalled is announced after the commit, and only then."""

    def __init__(self, conn: Connection) -> None:
        self.conn = conn
        self.signals: set[str] = set()
        self._last: list[Callable[[Connection], None]] = []

    def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        return self.conn.execute(statement, parameters)

    def signal(self, topic: str) -> None:
        """Wake whoever waits for *topic* once this transaction is committed."""
        self.signals.add(topic)

    def at_end(self, work: Callable[[Connection], None]) -> None:
        """Run *work* just before the commit: for statements that hold a lock all writers want."""
        self._last.append(work)

    def finish(self) -> None:
        for work in self._last:
            work(self.conn)


class Database:
    """Reads and writes, each in threads of their own; the event loop never waits for a disk."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._writer = _engine(self.url.render_as_string(False), readonly=False)
        self._reader = _engine(self.url.render_as_string(False), readonly=True)
        self._writers = ThreadPoolExecutor(1 if self.is_sqlite else POSTGRES_WRITERS, "db-writer")
        self._readers = ThreadPoolExecutor(READERS, "db-reader")
        self._listeners: dict[str, list[Callable[[], None]]] = {}

    async def write(self, work: Callable[[Tx], T], *, limit_s: float = LIMIT_S) -> T:
        """Run *work* in one transaction and return after its commit.

        Raises *DatabaseUnavailable* when the database cannot be reached, is locked, full or read-only, or when it does
        not answer within *limit_s*: then the outcome is unknown, and *work* may still be committed later.
        """
        loop = asyncio.get_running_loop()
        result, signals = await _limited(loop.run_in_executor(self._writers, self._write, work), limit_s)
        self.announce(signals)
        return result

    async def read(self, work: Callable[[Connection], T], *, limit_s: float = LIMIT_S) -> T:
        """Run *work* on a connection that can only read. Raises *DatabaseUnavailable*."""
        loop = asyncio.get_running_loop()
        return await _limited(loop.run_in_executor(self._readers, self._read, work), limit_s)

    def write_now(self, work: Callable[[Tx], T]) -> T:
        """The same as `write` for code without an event loop (commands, migrations). It blocks."""
        return self._write(work)[0]

    def on_commit(self, topic: str, listener: Callable[[], None]) -> None:
        """Call *listener* on the event loop after each transaction that signalled *topic*. A hint, never the truth."""
        self._listeners.setdefault(topic, []).append(listener)

    def announce(self, topics: set[str]) -> None:
        for topic in topics:
            for listener in self._listeners.get(topic, ()):
                listener()

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

    def _write(self, work: Callable[[Tx], T]) -> tuple[T, set[str]]:
        with _translated(), self._writer.begin() as conn:
            tx = Tx(conn)
            result = work(tx)
            tx.finish()
        return result, tx.signals

    def _read(self, work: Callable[[Connection], T]) -> T:
        with _translated(), self._reader.connect() as conn:
            return work(conn)


async def _limited(future: asyncio.Future[T], limit_s: float) -> T:
    try:
        return await asyncio.wait_for(future, limit_s)
    except TimeoutError:
        raise DatabaseUnavailable(f"the database did not answer within {limit_s:g} s", retry_after_s=5) from None


class _translated:  # noqa: N801 - reads as a phrase: `with _translated():`
    """Turns a driver's "cannot reach, locked, full, read-only" into *DatabaseUnavailable*."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, (OperationalError, InterfaceError, PoolTimeout)) or (
            isinstance(error, DBAPIError) and error.connection_invalidated
        ):
            reason = str(getattr(error, "orig", None) or error).splitlines()[0]
            raise DatabaseUnavailable(f"the database refused the work: {reason}", retry_after_s=5) from error


def _engine(url: str, *, readonly: bool) -> Engine:
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite(url, readonly=readonly)
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    # prepare_threshold=None: prepared statements do not survive pgbouncer's transaction mode.
    options = "-c default_transaction_read_only=on" if readonly else "-c synchronous_commit=on"
    size = READERS if readonly else POSTGRES_WRITERS
    connect = {"prepare_threshold": None, "connect_timeout": 5, "options": options}
    return create_engine(url, pool_size=size, max_overflow=0, pool_pre_ping=True, connect_args=connect)


def _sqlite(url: str, *, readonly: bool) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=READERS if readonly else 1,
        max_overflow=0,
        connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_MS / 1000},
    )
    begin = "BEGIN" if readonly else "BEGIN IMMEDIATE"

    @event.listens_for(engine, "connect")
    def prepare(dbapi: Any, _: object) -> None:
        dbapi.isolation_level = None  # we say BEGIN ourselves, below
        for pragma in _pragmas(readonly):
            dbapi.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def start(conn: Connection) -> None:
        conn.exec_driver_sql(begin)

    return engine


def _pragmas(readonly: bool) -> tuple[str, ...]:
    common = (f"busy_timeout={BUSY_TIMEOUT_MS}", "foreign_keys=ON")
    if readonly:
        return (*common, "query_only=ON")
    return (*common, "journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=1000")

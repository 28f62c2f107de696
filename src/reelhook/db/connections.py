"""How our two databases are opened, and how each says that it is away."""

import sqlite3
from typing import Any

from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.pool import QueuePool

from reelhook.errors import WrongSetting

READERS = 4
WRITERS = 4  # on Postgres; SQLite has one
BUSY_TIMEOUT_MS = 5_000
# A peer that vanished without a word is noticed within about 20 s, instead of the kernel's two hours.
KEEPALIVES = {"keepalives_idle": 10, "keepalives_interval": 3, "keepalives_count": 3, "tcp_user_timeout": 20_000}
# SQLite's own codes for trouble with the file as this connection opened it: read-only, disk error, not to be opened.
FILE_TROUBLE = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN})
# 16 MB of log before it is written back: at 1,000, as is usual, pages that change with each commit are written back so
# often that a stored delivery costs a tenth more of the processor's time.
CHECKPOINT_PAGES = 4_000
READ_ONLY = "25006"  # Postgres: a standby, or a database that an operator made read-only


def connect(url: URL, *, readonly: bool) -> Engine:
    """An engine that only reads, or one that writes durably. Nothing is opened yet."""
    sqlite = url.get_backend_name() == "sqlite"
    engine = _sqlite(url, readonly=readonly) if sqlite else _postgres(url, readonly=readonly)
    event.listen(engine, "handle_error", _open_anew)
    return engine


def is_away(error: Exception) -> bool:
    """Whether trying again later can help: not reached, locked, full or read-only, and not a fault in the statement."""
    if not isinstance(error, DBAPIError):
        return True  # no connection became free in time
    # SQLite says OperationalError also of a missing table or bad SQL, with the plain code SQLITE_ERROR.
    if getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR:
        return False
    gone = isinstance(error, (OperationalError, InterfaceError)) or error.connection_invalidated
    return gone or getattr(error.orig, "sqlstate", None) == READ_ONLY


def _open_anew(context: ExceptionContext) -> None:
    """What could only be opened for reading stays so for this connection, whatever an operator has mended since."""
    error = context.original_exception
    trouble = getattr(error, "sqlite_errorcode", 0) & 0xFF in FILE_TROUBLE  # the rest of it says more exactly what
    if trouble or getattr(error, "sqlstate", None) == READ_ONLY:
        context.is_disconnect = True


def _postgres(url: URL, *, readonly: bool) -> Engine:
    try:
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            pool_size=READERS if readonly else WRITERS,
            max_overflow=0,
            pool_pre_ping=True,
            hide_parameters=True,
            # Prepared statements do not survive pgbouncer's transaction mode.
            connect_args={"prepare_threshold": None, "connect_timeout": 5, **KEEPALIVES},
            execution_options={"postgresql_readonly": True} if readonly else {},
        )
    except ModuleNotFoundError as error:
        detail = f"REELHOOK_DATABASE_URL names Postgres, which needs {error.name}: pip install 'reelhook[postgres]'"
        raise WrongSetting(detail) from None
    if not readonly:
        # In each transaction, because behind pgbouncer the next one may run on another server connection.
        _at_begin(engine, "SET LOCAL synchronous_commit = on")
    return engine


def _sqlite(url: URL, *, readonly: bool) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=READERS if readonly else 1,
        max_overflow=0,
        hide_parameters=True,
        connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_MS / 1000},
    )

    @event.listens_for(engine, "connect")
    def prepare(dbapi: Any, _: object) -> None:
        dbapi.isolation_level = None  # we say BEGIN ourselves, below
        try:
            for pragma in _pragmas(readonly):
                dbapi.execute(f"PRAGMA {pragma}")
        except sqlite3.Error:
            dbapi.close()
            raise

    # IMMEDIATE: a transaction that reads first and finds at its first write that another was faster cannot go on.
    _at_begin(engine, "BEGIN" if readonly else "BEGIN IMMEDIATE")
    return engine


def _at_begin(engine: Engine, statement: str) -> None:
    @event.listens_for(engine, "begin")
    def begin(conn: Connection) -> None:
        conn.exec_driver_sql(statement)


def _pragmas(readonly: bool) -> tuple[str, ...]:
    common = (f"busy_timeout={BUSY_TIMEOUT_MS}", "foreign_keys=ON")
    if readonly:
        return (*common, "query_only=ON")
    return (*common, "journal_mode=WAL", "synchronous=FULL", f"wal_autocheckpoint={CHECKPOINT_PAGES}")

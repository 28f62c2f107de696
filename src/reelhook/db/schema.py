"""Bringing the schema to the version this code knows, and refusing one that it cannot work with.

Most starts find a current schema, so what Alembic would say about versions is read from its table and the names of its
files, and Alembic is loaded where it has something to do.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import OperationalError

from reelhook import logs
from reelhook.errors import DatabaseUnavailable, WrongSetting

MIGRATIONS = Path(__file__).parent / "migrations"
# Any number will do, as long as nothing else locks it: several processes may start at once on an empty database.
POSTGRES_LOCK = 7_318_411_001
LOCK_LIMIT_S = 5
LOCK_NOT_AVAILABLE = "55P03"
VERSIONS = "alembic_version"
OLDEST_CODE = "oldest_code"

log = logs.get("schema")


class WrongSchema(WrongSetting):
    code = "wrong_schema"


def version(conn: Connection) -> str | None:
    """The schema's version, or None for an empty database."""
    if not inspect(conn).has_table(VERSIONS):
        return None
    found: str | None = conn.exec_driver_sql(f"SELECT version_num FROM {VERSIONS}").scalar()  # noqa: S608 - ours
    return found


def head() -> str:
    """The version this code is written for."""
    return _known(MIGRATIONS)[-1]


def upgrade(conn: Connection) -> str:
    """Bring the schema to `head` and return its version, which may be a newer one that this code can work with.

    Raises *WrongSchema* when it is newer and cannot, and *DatabaseUnavailable* when a table is in use for too long.
    """
    from alembic import command  # noqa: PLC0415 - see above
    from alembic.config import Config  # noqa: PLC0415

    _take_turns(conn)
    if (newer := _newer(conn)) is not None:
        return newer
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = conn
    with _not_waiting_long(conn):
        command.upgrade(config, "head")
        _write_oldest_code(conn)
    return head()


def prepare(conn: Connection) -> str:
    """What a starting server does: fill an empty database, leave a current one, refuse an old one.

    A newer one is left alone when it was only added to, so that old processes start while new ones are rolled out.
    """
    _take_turns(conn)
    found = version(conn)
    if found is None and not inspect(conn).get_table_names():
        return upgrade(conn)
    if found == (needed := head()):
        return needed
    if (newer := _newer(conn)) is not None:
        return newer
    raise WrongSchema(
        f"the database has schema {found or 'none of ours'}, this version needs {needed}; run `reelhook migrate`"
    )


def oldest_code() -> str:
    """The oldest schema whose code can work with `head`. A migration that takes something away says `oldest_code`."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - see above

    scripts = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    said = [getattr(script.module, "oldest_code", None) for script in scripts]
    return str(next(filter(None, said)))


def refuse_newer(found: str | None) -> None:
    """Raises *WrongSchema* for a version that this code does not know."""
    if found is not None and found not in _known(MIGRATIONS):
        raise WrongSchema(f"the database has schema {found}, which is newer than this version; upgrade Reelhook")


def _newer(conn: Connection) -> str | None:
    """The schema's version, if it is newer than this code and can still be worked with; None if it is not newer."""
    found = version(conn)
    known = _known(MIGRATIONS)
    if found is None or found in known:
        return None
    if _said_oldest_code(conn) not in known:
        refuse_newer(found)
    log.warning("schema.newer", found=found, needed=head())
    return found


def _said_oldest_code(conn: Connection) -> str | None:
    columns = {column["name"] for column in inspect(conn).get_columns(VERSIONS)}
    if OLDEST_CODE not in columns:
        return None
    return conn.exec_driver_sql(f"SELECT {OLDEST_CODE} FROM {VERSIONS}").scalar()  # noqa: S608 - names of ours


def _write_oldest_code(conn: Connection) -> None:
    """Beside the version, where code of every age finds it, whatever tables it knows."""
    columns = {column["name"] for column in inspect(conn).get_columns(VERSIONS)}
    if OLDEST_CODE not in columns:
        conn.exec_driver_sql(f"ALTER TABLE {VERSIONS} ADD COLUMN {OLDEST_CODE} VARCHAR(32)")
    conn.execute(text(f"UPDATE {VERSIONS} SET {OLDEST_CODE} = :code"), {"code": oldest_code()})  # noqa: S608


@contextmanager
def _not_waiting_long(conn: Connection) -> Iterator[None]:
    """Who waits for a table holds up everybody who comes after it, so a migration gives up rather than waits."""
    if conn.dialect.name != "postgresql":
        yield
        return
    conn.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_LIMIT_S}s'")
    try:
        yield
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
            raise
        detail = (
            f"a table was in use for more than {LOCK_LIMIT_S} s, so nothing was migrated; run `reelhook migrate` again"
        )
        raise DatabaseUnavailable(detail) from error


def _take_turns(conn: Connection) -> None:
    """Until the end of the transaction. SQLite's BEGIN IMMEDIATE does it by itself."""
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql(f"SELECT pg_advisory_xact_lock({POSTGRES_LOCK})")


@cache
def _known(where: Path) -> tuple[str, ...]:
    """The versions, oldest first: a migration's file is named `VERSION_what_it_does.py`."""
    return tuple(sorted(file.name.partition("_")[0] for file in (where / "versions").glob("[0-9]*.py")))

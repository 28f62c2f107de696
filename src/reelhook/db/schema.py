"""Bringing the schema to the version this code knows, and refusing any other."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from reelhook.errors import WrongSetting

MIGRATIONS = Path(__file__).parent / "migrations"
# Any number will do, as long as nothing else locks it: several processes may start at once on an empty database.
POSTGRES_LOCK = 7_318_411_001


class WrongSchema(WrongSetting):
    code = "wrong_schema"


def version(conn: Connection) -> str | None:
    """The schema's version, or None for an empty database."""
    return MigrationContext.configure(conn).get_current_revision()


def head() -> str:
    """The version this code is written for."""
    known = _scripts().get_current_head()
    assert known is not None
    return known


def upgrade(conn: Connection) -> str:
    """Bring the schema to `head` and return it. Raises *WrongSchema* when it is newer than this code."""
    _take_turns(conn)
    refuse_newer(version(conn))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = conn
    command.upgrade(config, "head")
    return head()


def prepare(conn: Connection) -> str:
    """What a starting server does: fill an empty database, leave a current one, refuse an old or newer one."""
    _take_turns(conn)
    found = version(conn)
    if found is None and not inspect(conn).get_table_names():
        return upgrade(conn)
    if found == (needed := head()):
        return needed
    refuse_newer(found)
    raise WrongSchema(
        f"the database has schema {found or 'none of ours'}, this version needs {needed}; run `reelhook migrate`"
    )


def refuse_newer(found: str | None) -> None:
    """Raises *WrongSchema* for a version that this code does not know."""
    known = {script.revision for script in _scripts().walk_revisions()}
    if found is not None and found not in known:
        raise WrongSchema(f"the database has schema {found}, which is newer than this version; upgrade Reelhook")


def _take_turns(conn: Connection) -> None:
    """Until the end of the transaction. SQLite's BEGIN IMMEDIATE does it by itself."""
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql(f"SELECT pg_advisory_xact_lock({POSTGRES_LOCK})")


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(MIGRATIONS))

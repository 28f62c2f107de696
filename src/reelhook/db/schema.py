"""Bringing the schema to the version this code knows, and refusing any other."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from reelhook.errors import WrongSetting

MIGRATIONS = Path(__file__).parent / "migrations"


class WrongSchema(WrongSetting):
    code = "wrong_schema"


def version(conn: Connection) -> str | None:
    """The schema's version, or None for an empty database."""
    return MigrationContext.configure(conn).get_current_revision()


def head() -> str:
    """The version this code is written for."""
    known = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    assert known is not None
    return known


def upgrade(conn: Connection) -> str:
    """Bring the schema to `head` and return it. Raises *WrongSchema* when it is newer than this code."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = conn
    _refuse_newer(conn)
    command.upgrade(config, "head")
    return head()


def prepare(conn: Connection) -> str:
    """What a starting server does: fill an empty database, leave a current one, refuse an old or newer one."""
    if version(conn) is None and not inspect(conn).get_table_names():
        return upgrade(conn)
    _refuse_newer(conn)
    found = version(conn)
    if found != head():
        raise WrongSchema(
            f"the database has schema {found or 'none of ours'}, this version needs {head()}; run `reelhook migrate`"
        )
    return head()


def _refuse_newer(conn: Connection) -> None:
    found = version(conn)
    known = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    if found is not None and found not in known:
        raise WrongSchema(f"the database has schema {found}, which is newer than this version; upgrade Reelhook")

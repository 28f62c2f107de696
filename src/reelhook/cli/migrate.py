"""`reelhook migrate`: bring the database to this version's schema."""

from contextlib import closing

import typer
from sqlalchemy import Connection

from reelhook import logs, settings
from reelhook.auth import Audit, local_admin
from reelhook.cli.output import AsJson, document
from reelhook.cli.owning import owned
from reelhook.db import Database, Tx
from reelhook.db.schema import upgrade, version
from reelhook.kit.clock import SystemClock


def register(app: typer.Typer) -> None:
    app.command()(migrate)


def migrate(as_json: AsJson = False) -> None:
    config = settings.load()
    logs.configure(config.log_format, config.log_level, config.log_levels)
    with owned(config), closing(Database(config.database_url)) as db:
        before, after = db.migrate(lambda conn: _upgraded(db, conn))
    if as_json:
        document({"before": before, "after": after})
    else:
        print(f"schema {after}" if before == after else f"schema {before or 'none'} → {after}")


def _upgraded(db: Database, conn: Connection) -> tuple[str | None, str]:
    """The versions before and after; the audit log tells of it in the same transaction."""
    before, after = version(conn), upgrade(conn)
    if before != after:
        audit = Audit(db, SystemClock())
        audit.record(Tx(conn), local_admin(), "database.migrate", None, before=before, after=after)
    return before, after

"""`reelhook migrate`: bring the database to this version's schema."""

from contextlib import closing

import typer

from reelhook import logs, settings
from reelhook.cli.output import AsJson, document
from reelhook.cli.serve import owned
from reelhook.db import Database
from reelhook.db.schema import upgrade, version


def register(app: typer.Typer) -> None:
    app.command()(migrate)


def migrate(as_json: AsJson = False) -> None:
    """Bring the database to this version's schema. Safe to run again."""
    config = settings.load()
    logs.configure(config.log_format)
    with owned(config), closing(Database(config.database_url)) as db:
        before = db.migrate(version)
        after = db.migrate(upgrade)
    if as_json:
        document({"before": before, "after": after})
    else:
        print(f"schema {after}" if before == after else f"schema {before or 'none'} → {after}")

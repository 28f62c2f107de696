"""`reelhook restore`: put a backup in the place of the embedded database."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from reelhook import logs, settings
from reelhook.archive import LocalStore
from reelhook.auth import Audit, local_admin
from reelhook.backup import contents, health, restoring
from reelhook.cli.backup import embedded
from reelhook.cli.output import AsJson, document
from reelhook.cli.owning import owned
from reelhook.db import Database
from reelhook.db.secret_key import key_file, present_keys
from reelhook.kit.clock import SystemClock
from reelhook.kit.times import rfc3339
from reelhook.settings import Settings

SHOWN = 20  # missing files; --json has them all


def register(app: typer.Typer) -> None:
    app.command()(restore)


def restore(
    path: Annotated[Path, typer.Argument(help="The folder that `reelhook backup` made.")],
    force: Annotated[bool, typer.Option("--force", help="Move a database that is there aside.")] = False,
    as_json: AsJson = False,
) -> None:
    config = settings.load()
    logs.configure("console")
    database = embedded(config, "restore", "pg_restore, or your provider's point-in-time recovery")
    with owned(config):
        done = restoring.restore(path, database, key_file(config), force=force, now=datetime.now(UTC))
        told = _told(config, database, done)
        _record(config, done)
    if as_json:
        document(told)
    else:
        _tell(told)


def _record(config: Settings, done: restoring.Restored) -> None:
    """The log that was brought back ends with what was done to it; every schema has had it."""
    made_at = rfc3339(done.manifest.created_at)
    with closing(Database(config.database_url)) as db:
        audit = Audit(db, SystemClock())
        db.write_now(lambda tx: audit.record(tx, local_admin(), "database.restore", None, made_at=made_at))


def _told(config: Settings, database: Path, done: restoring.Restored) -> dict[str, Any]:
    return {
        "database": str(database),
        "created_at": rfc3339(done.manifest.created_at),
        "schema_version": done.manifest.schema_version,
        "needs_migration": done.needs_migration,
        "stream_floor": done.floor,
        "replaced": str(done.replaced) if done.replaced else None,
        "key_restored": done.key_written,
        **_health(config, database),
    }


def _health(config: Settings, database: Path) -> dict[str, Any]:
    """What the restored database needs and does not find."""
    folders: dict[str, Path] = {choice.kind: choice.path for choice in config.stores if choice.path is not None}
    there = {name: LocalStore(path).path for name, path in folders.items() if path.is_dir()}
    with contents.opened(database) as conn:
        return {
            "secrets_lost": health.sealed_for_good(conn, present_keys(config)),
            "media": {
                "looked_in": sorted(there),
                "not_there": [str(path) for name, path in folders.items() if name not in there],
                "missing": list(health.missing_files(conn, there)),
            },
        }


def _tell(told: dict[str, Any]) -> None:
    media = told["media"]
    print(f"{told['database']} is now as it was at {told['created_at']}")
    if told["replaced"]:
        print(f"what it was before is in {told['replaced']}")
    if told["key_restored"]:
        print("the key file was put back beside it")
    if told["secrets_lost"]:
        print(
            f"{told['secrets_lost']} of the stored secrets cannot be opened: the key they are sealed with is not here"
        )
    for folder in media["not_there"]:
        print(f"{folder} is not there, so no stored file was looked for in it")
    for asset in media["missing"][:SHOWN]:
        print(f"missing: {asset['role']} of video {asset['video_id']} at {asset['location']}: {asset['reason']}")
    if len(media["missing"]) > SHOWN:
        print(f"and {len(media['missing']) - SHOWN} more; --json lists them all")
    for step in _next(told):
        print(f"next: {step}")


def _next(told: dict[str, Any]) -> list[str]:
    steps = ["`reelhook serve`", "`reelhook reconcile` finds what came after the backup"]
    if told["needs_migration"]:
        steps.insert(0, f"`reelhook migrate`: the backup has schema {told['schema_version']}")
    if told["media"]["missing"]:
        steps.append("`reelhook reconcile --kind stores --mend` fetches what is missing again")
    return steps

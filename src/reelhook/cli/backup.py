"""`reelhook backup`: copy the embedded database away, while the server runs."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from reelhook import settings
from reelhook.backup.making import Making, key_to_put_in
from reelhook.backup.manifest import DATABASE, KEY, MEDIA
from reelhook.cli.local_api import call
from reelhook.cli.output import AsJson, document
from reelhook.cli.owning import owned
from reelhook.db import Database
from reelhook.db.ownership import AlreadyOwned
from reelhook.db.schema import head, version
from reelhook.db.secret_key import key_file
from reelhook.errors import WrongSetting
from reelhook.settings import Settings

WithKey = Annotated[
    bool, typer.Option("--with-key", help="Put the key file in too: then the backup alone opens all secrets.")
]


def register(app: typer.Typer) -> None:
    app.command()(backup)


def backup(
    path: Annotated[Path, typer.Argument(help="The folder to make; it must not be there yet.")],
    with_key: WithKey = False,
    as_json: AsJson = False,
) -> None:
    config = settings.load()
    database = embedded(config, "backup", "pg_dump, or your provider's point-in-time recovery")
    made = _backup(config, database, path.absolute(), with_key)
    if as_json:
        document(made)
    else:
        _tell(config, made)


def embedded(config: Settings, command: str, instead: str) -> Path:
    """The database's file, where one is. Raises *WrongSetting* that says what to use *instead* on Postgres."""
    if config.sqlite_path is None:
        raise WrongSetting(f"`{command}` is for the embedded SQLite database; with Postgres use {instead}")
    return config.sqlite_path.resolve()


def _backup(config: Settings, database: Path, path: Path, with_key: bool) -> Any:
    if _has_another_schema(config):
        # The service cannot be opened on it; but just before a migration a backup is wanted most.
        return _as_it_is(config, database, path, with_key)
    return call("POST", "/api/v1/backups", {"path": str(path), "with_key": with_key}, limit_s=None)


def _has_another_schema(config: Settings) -> bool:
    try:
        with owned(config), closing(Database(config.database_url)) as db:
            return db.migrate(version) not in (None, head())
    except AlreadyOwned:
        return False  # by a server, so it is the right one


def _as_it_is(config: Settings, database: Path, path: Path, with_key: bool) -> Any:
    key, making = key_to_put_in(key_file(config), with_key), Making(database, path)
    with owned(config):
        try:
            manifest = making.stage(datetime.now(UTC), key)
            making.publish()
        finally:
            making.discard()
    return {"path": str(path)} | manifest.model_dump(mode="json")


def _tell(config: Settings, made: Any) -> None:
    database, media = made["files"][DATABASE], made["media"]
    print(f"{made['path']}: {database['bytes']:,} bytes of database, schema {made['schema_version']}")
    if media["files"]:
        print(f"{media['files']} stored files ({media['bytes']:,} bytes) are listed in {MEDIA}; copy local ones now")
    if KEY in made["files"]:
        print(f"{KEY} in it opens every secret: keep this backup as you would keep the key")
    else:
        print(f"the key of the secrets is not in it: keep {key_file(config) or 'REELHOOK_SECRET_KEY'} in another place")

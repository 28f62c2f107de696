"""The key that seals stored secrets and signs tokens."""

import os
from pathlib import Path

from reelhook.errors import WrongSetting
from reelhook.kit import folders
from reelhook.kit.ids import Ids
from reelhook.settings import Settings

BYTES = 32


def secret_keys(config: Settings, ids: Ids) -> tuple[str, ...]:
    """The keys of SECRET_KEY; with SQLite one is made at the first start and kept beside the database, mode 0600."""
    if config.secret_key:
        return tuple(key.get_secret_value() for key in config.secret_key)
    if config.sqlite_path is None:
        raise WrongSetting("REELHOOK_SECRET_KEY must be set with Postgres: all processes share it")
    path = config.sqlite_path.with_name(config.sqlite_path.name + ".key")
    try:
        return (_key_file(path, ids),)
    except OSError as error:
        raise WrongSetting(
            f"the key file {path} cannot be used: {error.strerror}; or set REELHOOK_SECRET_KEY"
        ) from None


def _key_file(path: Path, ids: Ids) -> str:
    try:
        key = path.read_text().strip()
    except FileNotFoundError:
        return _make(path, ids)
    if not key:
        raise WrongSetting(f"the key file {path} is empty; put the key back, or delete the file when nothing is sealed")
    return key


def _make(path: Path, ids: Ids) -> str:
    """Written whole before it has its name: a crash in between must not leave an empty key to seal with."""
    folders.make(path.parent)
    key, unfinished = ids.token(BYTES), path.with_name(path.name + ".new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(key + "\n")
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
    folders.sync(path.parent)
    return key

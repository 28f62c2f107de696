"""The key that seals stored secrets and signs tokens."""

import os
from pathlib import Path

from reelhook.errors import WrongSetting
from reelhook.kit.ids import Ids
from reelhook.settings import Settings


def secret_keys(config: Settings, ids: Ids) -> tuple[str, ...]:
    """The keys of SECRET_KEY; with SQLite one is made at the first start and kept beside the database, mode 0600."""
    if config.secret_key:
        return tuple(key.get_secret_value() for key in config.secret_key)
    if config.sqlite_path is None:
        raise WrongSetting("REELHOOK_SECRET_KEY must be set with Postgres: all processes share it")
    return (_key_file(config.sqlite_path.with_name(config.sqlite_path.name + ".key"), ids),)


def _key_file(path: Path, ids: Ids) -> str:
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        key = ids.token(32)
        file.write(key + "\n")
        file.flush()
        os.fsync(file.fileno())
    return key

"""The key that seals stored secrets and signs tokens."""

from pathlib import Path

from reelhook.errors import WrongSetting
from reelhook.kit.files import make_folder, put
from reelhook.kit.ids import Ids
from reelhook.masking import never_show
from reelhook.settings import Settings

BYTES = 32


def secret_keys(config: Settings, ids: Ids) -> tuple[str, ...]:
    """The keys of SECRET_KEY; with SQLite one is made at the first start and kept beside the database, mode 0600."""
    if config.secret_key:
        return tuple(key.get_secret_value() for key in config.secret_key)
    path = key_file(config)
    if path is None:
        raise WrongSetting("REELHOOK_SECRET_KEY must be set with Postgres: all processes share it")
    try:
        key = _kept(path, ids)
    except OSError as error:
        raise WrongSetting(
            f"the key file {path} cannot be used: {error.strerror}; or set REELHOOK_SECRET_KEY"
        ) from None
    never_show(key)
    return (key,)


def key_file(config: Settings) -> Path | None:
    """Where the key is kept beside the database; None where SECRET_KEY gives it, or would have to."""
    if config.secret_key or config.sqlite_path is None:
        return None
    return config.sqlite_path.with_name(config.sqlite_path.name + ".key")


def present_keys(config: Settings) -> tuple[str, ...]:
    """The keys there are, none when none was made yet. Raises *OSError*."""
    path = key_file(config)
    if path is not None and not path.exists():
        return ()
    return secret_keys(config, Ids())


def _kept(path: Path, ids: Ids) -> str:
    try:
        key = path.read_text().strip()
    except FileNotFoundError:
        return _make(path, ids)
    if not key:
        raise WrongSetting(f"the key file {path} is empty; put the key back, or delete the file when nothing is sealed")
    return key


def _make(path: Path, ids: Ids) -> str:
    make_folder(path.parent)
    key = ids.token(BYTES)
    put(path, f"{key}\n".encode())
    return key

"""The lock on a SQLite file, and nothing else: a command that finds it taken has loaded next to nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

from reelhook.db.ownership import Ownership
from reelhook.errors import WrongSetting
from reelhook.kit.files import make_folder
from reelhook.settings import Settings


def lock(config: Settings) -> Ownership | None:
    """The lock, held until the process ends; None for a database that is a server.

    Raises *AlreadyOwned*, or *WrongSetting* for a folder that cannot be made; a folder that cannot be written is the
    database being away, not a wrong setting.
    """
    path = config.sqlite_path
    if path is None:
        return None
    with usable(config):
        make_folder(path.parent)
        return Ownership.take(path)


@contextmanager
def usable(config: Settings) -> Iterator[None]:
    """What the file system refuses, in the words of the setting."""
    try:
        yield
    except OSError as error:
        where = config.sqlite_path.parent if config.sqlite_path else config.database_url
        raise WrongSetting(f"REELHOOK_DATABASE_URL: {where} cannot be used: {error.strerror}") from None

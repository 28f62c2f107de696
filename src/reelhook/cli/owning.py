"""Owning the database: the lock, and what a crash left to do for whoever opens it next."""

from collections.abc import Iterator
from contextlib import contextmanager

from reelhook import logs
from reelhook.backup.placing import finish
from reelhook.cli.locking import lock, usable
from reelhook.db.ownership import Ownership
from reelhook.settings import Settings

log = logs.get("serve")


def own(config: Settings) -> Ownership | None:
    """Take the lock of a SQLite file until the process ends. Raises as `lock` does."""
    held = lock(config)
    complete(config)
    return held


def complete(config: Settings) -> None:
    """Carry out a restore that a crash interrupted. Only for who has the lock."""
    if config.sqlite_path is None:
        return
    with usable(config):
        replaced = finish(config.sqlite_path.resolve())
    if replaced:
        log.warning("restore.finished", help="a crash had interrupted it", replaced=str(replaced))


@contextmanager
def owned(config: Settings) -> Iterator[None]:
    """The same, for as long as the block lasts."""
    held = own(config)
    try:
        yield
    finally:
        if held is not None:
            held.release()

"""Putting a database in the place of another, so that a crash at any moment leaves the one or the other, and whole.

While the new file is prepared it is `.restoring`, which means nothing. Renamed to `.restored` it is decided: what is
left to do is done by whoever opens the database next, if not by us. Old files are moved aside together: a `-wal` that
is left beside another database is written into it.
"""

import os
from datetime import UTC, datetime
from pathlib import Path

from reelhook.kit.files import sync_folder

PARTS = ("", "-wal", "-shm", "-journal")


def preparing(database: Path) -> Path:
    """Where the new file is made ready."""
    return _beside(database, ".restoring")


def put_in_place(database: Path) -> Path | None:
    """Replace *database* by the file at `preparing`, which must be synced; returns the folder with the old files."""
    preparing(database).rename(_beside(database, ".restored"))
    sync_folder(database.parent)
    return finish(database)


def finish(database: Path) -> Path | None:
    """Carry out what was decided, if anything was. Only for who owns the database. Raises *OSError*."""
    new = _beside(database, ".restored")
    if not new.exists():
        return None
    replaced = _move_aside(database, new)
    os.replace(new, database)
    sync_folder(database.parent)
    return replaced


def _move_aside(database: Path, new: Path) -> Path | None:
    """The folder is named by the new file's own time: after a crash the rest goes to where the first part is."""
    at = datetime.fromtimestamp(new.stat().st_mtime, UTC)
    aside = _beside(database, f".replaced-{at:%Y%m%dT%H%M%S.%fZ}")
    old = [path for path in (_beside(database, part) for part in PARTS) if path.exists()]
    if old:
        aside.mkdir(mode=0o700, exist_ok=True)
    for path in old:
        path.rename(aside / path.name)
    if not aside.exists():
        return None
    # On the disk before the new file has its name: no power cut may bring the old log back beside it.
    sync_folder(aside)
    sync_folder(database.parent)
    return aside


def _beside(database: Path, ending: str) -> Path:
    return database.with_name(database.name + ending)

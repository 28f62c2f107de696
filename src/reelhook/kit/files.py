"""Files and folders that survive a crash and a power cut: whole, or not there."""

import os
from contextlib import suppress
from pathlib import Path

OURS_ALONE = 0o600


def put(path: Path, content: bytes) -> None:
    """Write *path* (mode 0600), which gets its name only once all of it is on the disk. Raises *OSError*."""
    unfinished = path.with_name(path.name + ".new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, OURS_ALONE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
    finally:
        unfinished.unlink(missing_ok=True)
    sync_folder(path.parent)


def make_folder(folder: Path) -> None:
    """Create *folder* and what is missing above it, for our own user, and make the names of all of them durable.

    Its own name also when it is there already: whoever made it may have died before that.
    """
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for each in missing or [folder]:
        with suppress(PermissionError):  # a folder we may not read is not one in which we made something
            sync_folder(each.parent)


def sync_file(path: Path) -> None:
    """Bring what was written to *path*, by whomever, to the disk."""
    _sync(path, os.O_RDONLY)


def sync_folder(folder: Path) -> None:
    """Bring the names in *folder* to the disk: a synced file without its name is lost all the same."""
    _sync(folder, os.O_RDONLY | os.O_DIRECTORY)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

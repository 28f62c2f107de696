"""Folders whose names survive a power cut: a synced file is lost all the same when the name of its folder is."""

import os
from contextlib import suppress
from pathlib import Path


def make(folder: Path) -> None:
    """Create *folder* and what is missing above it, for our own user, and make the names of all of them durable.

    Its own name also when it is there already: whoever made it may have died before that.
    """
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for each in missing or [folder]:
        with suppress(PermissionError):  # a folder we may not read is not one in which we made something
            sync(each.parent)


def sync(folder: Path) -> None:
    """Make the names in *folder* durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""What lies in the folders of a local store: finished files, and those that dead attempts left."""

import os
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from reelhook.archive.stores import names
from reelhook.archive.stores.store import StoredFile
from reelhook.videos.owner import Owner

PARTIAL = ".partial"
FOLDER = re.compile(r"[0-9a-z-]{2}|\.partial")
LEFT_OVER = re.compile(r"\.partial/[0-9a-z-]{8,36}\.[0-9a-f]{8}")


def owner_of(location: str) -> Owner | None:
    """The asset whose name it bears; an unfinished file is nobody's. None for what is no location of ours."""
    return Owner() if LEFT_OVER.fullmatch(location) else names.owner_of(location)


def our_folders(root: Path) -> Sequence[str]:
    """The folders below *root* that are ours. Before the first file is stored, there is none."""
    try:
        with os.scandir(root) as entries:
            return sorted(entry.name for entry in entries if FOLDER.fullmatch(entry.name) and _is_folder(entry))
    except FileNotFoundError:
        return []


def files_in(root: Path, folder: str) -> Sequence[StoredFile]:
    """The files of ours in one of the folders."""
    with os.scandir(root / folder) as entries:
        return [file for entry in entries for file in _file(folder, entry)]


def _file(folder: str, entry: "os.DirEntry[str]") -> Iterator[StoredFile]:
    location = f"{folder}/{entry.name}"
    owner = owner_of(location)
    if owner is None:
        return
    try:
        stat = entry.stat(follow_symlinks=False)
    except FileNotFoundError:  # deleted meanwhile, or published
        return
    yield StoredFile(location, stat.st_size, datetime.fromtimestamp(stat.st_mtime, UTC), owner)


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    return entry.is_dir(follow_symlinks=False)

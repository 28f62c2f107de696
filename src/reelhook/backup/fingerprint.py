"""By what a file is recognised, and copies that are known to be the same."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel

from reelhook.kit.files import OURS_ALONE

BLOCK = 1024 * 1024

# Raises when the work is to be given up; asked between steps of some milliseconds.
Check = Callable[[], None]


class Fingerprint(BaseModel):
    """Length and digest of a file."""

    bytes: int
    sha256: str


def go_on() -> None:
    """A check that gives nothing up."""


def fingerprint(path: Path, check: Check = go_on, also: Callable[[bytes], object] = len) -> Fingerprint:
    """Read all of *path*, handing each block to *also*. Raises *OSError* and what *check* raises."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            check()
            digest.update(block)
            also(block)
            size += len(block)
    return Fingerprint(bytes=size, sha256=digest.hexdigest())


def copied(source: Path, target: Path, check: Check = go_on) -> Fingerprint:
    """Write a new file *target* (mode 0600) with what *source* holds; synced, and told by what was written."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, OURS_ALONE)
    with os.fdopen(descriptor, "wb") as file:
        found = fingerprint(source, check, file.write)
        file.flush()
        os.fsync(file.fileno())
    return found

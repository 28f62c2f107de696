"""One process owns a SQLite file.

Versions of SQLite before 3.51.3 can corrupt the WAL when one connection checkpoints while another commits, so no second
process may open the file for writing. The lock is a file of its own: closing any descriptor of the database itself
would drop SQLite's own locks.
"""

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import Self

from reelhook.errors import Conflict


class AlreadyOwned(Conflict):
    code = "database_owned"


class Ownership:
    """Held from `take` until `release` or the end of the process, however that comes."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, database: Path) -> Self:
        """Raises *AlreadyOwned*, naming the process that has it."""
        descriptor = os.open(lock_path(database), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(descriptor)
            raise AlreadyOwned(
                f"{database} is in use by process {owner}; stop it first, or use Postgres for several processes"
            ) from None
        with suppress(OSError):  # on a full disk nobody can read who owns it, but it is owned
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        return cls(descriptor)

    def release(self) -> None:
        os.close(self._descriptor)


def lock_path(database: Path) -> Path:
    return _beside(database, ".lock")


def socket_path(database: Path) -> Path:
    """Where the owning server listens for commands."""
    return _beside(database, ".sock")


def _beside(database: Path, ending: str) -> Path:
    """Beside the file itself: a symbolic link is another name for one database, not another database."""
    real = database.resolve()
    return real.with_name(real.name + ending)

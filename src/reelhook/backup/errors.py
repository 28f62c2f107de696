"""What can be wrong with a backup, and with a restore."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reelhook.errors import Conflict, ReelhookError, Unavailable

NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class BackupFailed(ReelhookError):
    """It could not be written, or what was written is not right. Nothing of it is left."""

    code = "backup_failed"


class BackupExists(Conflict):
    code = "backup_exists"


class BackupRunning(Conflict):
    code = "backup_running"


class BackupGivenUp(Unavailable):
    """It was stopped before it ended. Nothing of it is left."""

    code = "backup_given_up"


class EmbeddedOnly(Conflict):
    """The database is a server, which has better means of its own."""

    code = "embedded_only"


class DatabaseExists(Conflict):
    code = "database_exists"


class NotRestored(ReelhookError):
    """The backup cannot be used, or not here. The present database was not touched."""

    code = "not_restored"


@contextmanager
def failing_as(failure: type[ReelhookError], doing: str) -> Iterator[None]:
    """Say in our words what the disk or SQLite refused while *doing* something."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise failure(f"{doing}: {_reason(error)}") from error


def _reason(error: OSError | sqlite3.Error) -> str:
    if isinstance(error, OSError):
        return "no space left" if error.errno in NO_SPACE else f"{error.strerror or error}{_where(error)}"
    return "no space left" if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL else str(error)


def _where(error: OSError) -> str:
    return f" ({Path(error.filename)})" if isinstance(error.filename, str) else ""

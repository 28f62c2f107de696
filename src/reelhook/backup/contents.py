"""Reading a database file that nobody writes, of this or an earlier schema."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from reelhook.backup.fingerprint import Check, go_on
from reelhook.errors import ReelhookError
from reelhook.realtime.log import FLOOR

Connection = sqlite3.Connection
INSTRUCTIONS = 100_000  # of SQLite's machine, some milliseconds

STORED = """
    SELECT json_object('id', id, 'video_id', video_id, 'role', role, 'store', store, 'location', location,
                       'bytes', bytes, 'sha256', sha256)
    FROM assets WHERE state = 'stored' ORDER BY id
"""


class Damaged(Exception):
    """The file is no sound database of ours; the message says why."""


@contextmanager
def opened(database: Path) -> Iterator[sqlite3.Connection]:
    """Only to read, and leaving nothing beside the file."""
    uri = f"{database.resolve().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(uri, uri=True)) as conn:
        yield conn


def examine(conn: sqlite3.Connection, check: Check = go_on) -> str:
    """Look through all of it; returns its schema version. Raises *Damaged* and what *check* raises."""
    conn.set_progress_handler(lambda: _to_be_given_up(check), INSTRUCTIONS)
    try:
        (found,) = conn.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        check()
        raise Damaged(str(error)) from None
    finally:
        conn.set_progress_handler(None, 0)
    if found != "ok":
        raise Damaged(found)
    return version(conn)


def version(conn: sqlite3.Connection) -> str:
    """The schema's version. Raises *Damaged* when the tables are not ours."""
    try:
        (found,) = conn.execute("SELECT version_num FROM alembic_version").fetchone()
    except (sqlite3.DatabaseError, TypeError):
        raise Damaged("it has no schema of Reelhook's") from None
    return str(found)


def stream_head(conn: sqlite3.Connection) -> int:
    """The highest id that the stream has given out."""
    given = conn.execute("SELECT seq FROM sqlite_sequence WHERE name = 'stream'").fetchone()
    floor = conn.execute("SELECT value FROM marks WHERE name = ?", (FLOOR,)).fetchone()
    return max(int(row[0]) for row in (given or (0,), floor or (0,)))


def stored(conn: sqlite3.Connection) -> Iterator[str]:
    """Every file that a store keeps, as a line of JSON."""
    return (line for (line,) in conn.execute(STORED))


def totals(conn: sqlite3.Connection) -> tuple[int, int]:
    """How many files the stores keep, and their bytes together."""
    files, size = conn.execute("SELECT count(*), coalesce(sum(bytes), 0) FROM assets WHERE state = 'stored'").fetchone()
    return files, size


def _to_be_given_up(check: Check) -> bool:
    try:
        check()
    except ReelhookError:
        return True
    return False

"""A number that was given out is never given to something else, even when the database that gave it is lost.

A browser's Last-Event-ID may come from the database that a backup replaces. Were its number given out again, for
another update, the browser would go on from there and miss what it never saw. So the restored stream begins at a number
that the lost database cannot have reached, and all below it is answered with `resync`.

Which number is that? Nobody knows how far the lost database came. But it counted one for each row, and began at 0 or at
the number of an earlier restore. Microseconds since 1970 run ahead of both: no database writes a million rows a second
for as long as it lives. Where the clock is wrong, a billion above the backup's own numbers is more than a day's work at
full speed. Until the year 2255 such a number is also exact in JavaScript.

The same holds for the other tables that count (timeline, audit, attempts): a program that copies the audit log by
number would skip the entries after a restore. So all of them are raised.
"""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from reelhook.realtime.log import FLOOR

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LEAP = 1_000_000_000

COUNTING = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'"


def raise_all(database: Path, now: datetime) -> int:
    """Let every counting table of *database*, which nobody else has open, go on above a new floor, and return that."""
    with closing(sqlite3.connect(database, isolation_level=None)) as conn:
        conn.execute("PRAGMA journal_mode=DELETE")  # all of it in one file, to be renamed
        conn.execute("PRAGMA synchronous=FULL")
        conn.execute("BEGIN IMMEDIATE")
        floor = _above_all(conn, now)
        tables = conn.execute(COUNTING).fetchall()
        conn.execute("DELETE FROM sqlite_sequence")
        conn.executemany("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", [(name, floor) for (name,) in tables])
        conn.execute("INSERT OR REPLACE INTO marks (name, value) VALUES (?, ?)", (FLOOR, str(floor)))
        conn.execute("DELETE FROM stream")  # below the floor there is nobody who could be given it
        conn.execute("COMMIT")
    return floor


def _above_all(conn: sqlite3.Connection, now: datetime) -> int:
    (highest,) = conn.execute("SELECT max(seq) FROM sqlite_sequence").fetchone()
    return max((now - EPOCH) // timedelta(microseconds=1), (highest or 0) + LEAP)

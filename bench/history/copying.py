"""Rows repeated in SQL: every name in them anew, every time moved, all else as it is.

What a name is, is seen by its form: our ids, hexadecimal digits (HeyGen's ids, signatures, digests), and times. So
nothing here knows what a table is about, and a column that is added is copied like the others.
"""

import hashlib
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Table

from reelhook.db.types import Moment

Row = Mapping[str, Any]
Copy = tuple[int, int]
"""Its number, from 1, and by how many seconds it is later than the pattern."""

AT_ONCE = 1000
NAME = re.compile(
    r"(?P<id>\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b)"
    r"|(?P<hex>(?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{32})(?![0-9a-f]))"
    r"|(?P<at>\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)"
)


@dataclass(frozen=True)
class Pattern:
    """The rows that are repeated, by table, in the order in which they were written."""

    rows: Mapping[Table, Sequence[Row]]

    @property
    def bodies(self) -> dict[str, bytes]:
        """By their digests: the one sort of name that follows from something else."""
        values = (value for rows in self.rows.values() for row in rows for value in row.values())
        return {hashlib.sha256(value).hexdigest(): value for value in values if isinstance(value, bytes)}


def repeat(conn: sqlite3.Connection, pattern: Pattern, copies: Iterator[Copy], kept: Callable[[Table], int]) -> None:
    """Insert a copy of *pattern* for each of *copies*; of a table only those from the number on that *kept* says.

    Indexes are made anew at the end, which takes a fraction of the time. *conn* must not mind that nothing is safe
    on the disk in between.
    """
    conn.create_function("sha256", 1, lambda text: hashlib.sha256(text.encode()).hexdigest(), deterministic=True)
    with _without_indexes(conn, pattern.rows):
        names = _Names(pattern.bodies)
        inserts = [(_insert(names, table, rows, place), kept(table)) for table, place, rows in _each(pattern)]
        conn.execute(f"CREATE TEMP TABLE copies (n INTEGER PRIMARY KEY, s INTEGER, {', '.join(names.columns)})")
        fill = f"INSERT INTO copies SELECT n, s, {', '.join(names.made)} FROM (SELECT ? AS n, ? AS s)"  # noqa: S608
        while some := [copy for _, copy in zip(range(AT_ONCE), copies, strict=False)]:
            conn.execute("BEGIN")
            conn.execute("DELETE FROM copies")
            conn.executemany(fill, some)
            for insert, first in inserts:
                if some[-1][0] >= first:
                    conn.execute(insert, (first,))
            conn.execute("COMMIT")
        conn.execute("DROP TABLE copies")


def _each(pattern: Pattern) -> Iterator[tuple[Table, int, Sequence[Row]]]:
    """Row by row, with its place among those of its table."""
    for table, rows in pattern.rows.items():
        yield from ((table, place, rows) for place in range(len(rows)))


def _insert(names: "_Names", table: Table, rows: Sequence[Row], place: int) -> str:
    """The statement that repeats one row."""
    values = [_value(names, table, name, value, len(rows), place) for name, value in rows[place].items()]
    columns = ", ".join(f'"{name}"' for name in rows[place])
    return f"INSERT INTO {table.name} ({columns}) SELECT {', '.join(values)} FROM copies WHERE n >= ?"  # noqa: S608


def _value(names: "_Names", table: Table, name: str, value: Any, many: int, place: int) -> str:
    column = table.c[name]
    if column.primary_key and isinstance(value, int):  # numbered: as if the copies had come one after the other
        return f"(n - 1) * {many} + {place + 1}"
    if isinstance(column.type, Moment) and value is not None:
        return f"{value} + s * 1000000"
    if isinstance(value, bytes):
        return f"CAST({names.text(value.decode())} AS BLOB)"
    return names.text(value) if isinstance(value, str) else "NULL" if value is None else str(value)


class _Names:
    """Each name has a column in the table of copies, where its successor is made once for every copy."""

    def __init__(self, bodies: Mapping[str, bytes]) -> None:
        self._bodies = bodies
        self._made: dict[str, str] = {}

    @property
    def columns(self) -> list[str]:
        return [f"t{number}" for number in range(len(self._made))]

    @property
    def made(self) -> list[str]:
        """How the successor of each is made, from *n* and *s*."""
        return list(self._made.values())

    def text(self, text: str) -> str:
        """An expression for *text* with the names of a copy."""
        parts, end = [], 0
        for found in NAME.finditer(text):
            parts += [_quoted(text[end : found.start()]), self._successor(found)]
            end = found.end()
        return " || ".join(part for part in [*parts, _quoted(text[end:])] if part != "''") or "''"

    def _successor(self, found: re.Match[str]) -> str:
        name = found[0]
        if name in self._bodies:
            return f"sha256({self.text(self._bodies[name].decode())})"
        if name not in self._made:
            self._made[name] = MAKE[str(found.lastgroup)](name)
        return f"t{list(self._made).index(name)}"


def _id(name: str) -> str:
    """Later by as much; its random part begins with the same digits, and ends with the same two: they name a folder."""
    ms = int(name.replace("-", "")[:12], 16)
    moved = f"({ms} + s * 1000)"
    return f"printf('%08x-%04x{name[13:24]}%010x{name[-2:]}', {moved} >> 16, {moved} & 65535, n)"


def _hex(name: str) -> str:
    return f"lower(hex(randomblob({len(name) // 2})))"


def _at(name: str) -> str:
    seconds = (datetime.fromisoformat(name[:19]).replace(tzinfo=UTC) - datetime.fromtimestamp(0, UTC)) // SECOND
    return f"strftime('%Y-%m-%dT%H:%M:%S', {seconds} + s, 'unixepoch') || '{name[19:]}'"


SECOND = timedelta(seconds=1)
MAKE: Mapping[str, Callable[[str], str]] = {"id": _id, "hex": _hex, "at": _at}


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


class _without_indexes:  # noqa: N801 - reads as what it does
    """Inside, the tables have no indexes but those of their keys."""

    def __init__(self, conn: sqlite3.Connection, tables: Mapping[Table, object]) -> None:
        names = ", ".join(_quoted(table.name) for table in tables)
        of_tables = f"type = 'index' AND sql IS NOT NULL AND tbl_name IN ({names})"
        self._conn = conn
        self._indexes = conn.execute(f"SELECT name, sql FROM sqlite_master WHERE {of_tables}").fetchall()  # noqa: S608

    def __enter__(self) -> None:
        for name, _ in self._indexes:
            self._conn.execute(f"DROP INDEX {name}")

    def __exit__(self, *_: object) -> None:
        for _, sql in self._indexes:
            self._conn.execute(sql)

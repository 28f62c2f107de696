"""Many rows at once, past SQLAlchemy, which takes longer to prepare a row for the driver than SQLite to store it.

For the front door: with this its commits cost 0.7 of the processor's time on SQLite, and half on Postgres, which reads
one statement instead of one for each row.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import Column
from sqlalchemy.dialects import postgresql

from reelhook.db.engine import Tx


class Bulk:
    """INSERT into these columns of one table; with *or_ignore* ON CONFLICT DO NOTHING.

    Values are given as the database keeps them: a `Moment` in microseconds, `Json` as text.
    """

    def __init__(self, *columns: Column[Any], or_ignore: bool = False) -> None:
        self._columns, self._tail = columns, " ON CONFLICT DO NOTHING" if or_ignore else ""

    def insert(self, tx: Tx, rows: Sequence[tuple[Any, ...]]) -> int:
        """Insert *rows*, of which there is at least one, in their order. Returns how many were really inserted."""
        if tx.conn.dialect.name == "postgresql":
            by_column = tuple(list(column) for column in zip(*rows, strict=True))
            return tx.conn.exec_driver_sql(self._postgres, by_column).rowcount
        return tx.conn.exec_driver_sql(self._sqlite, list(rows)).rowcount

    @cached_property
    def _sqlite(self) -> str:
        return f"{self._into} VALUES ({', '.join('?' * len(self._columns))}){self._tail}"

    @cached_property
    def _postgres(self) -> str:
        """One array for each column, in binary: bytes are not written out as text."""
        spoken = postgresql.dialect()  # type: ignore[no-untyped-call]
        arrays = ", ".join(f"%b::{column.type.compile(spoken)}[]" for column in self._columns)
        return f"{self._into} SELECT * FROM unnest({arrays}){self._tail}"  # noqa: S608 - names of ours

    @property
    def _into(self) -> str:
        names = ", ".join(column.name for column in self._columns)
        return f"INSERT INTO {self._columns[0].table.name} ({names})"

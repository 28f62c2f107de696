"""The one statement whose spelling differs between our two databases."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Table
from sqlalchemy.dialects import postgresql, sqlite

from reelhook.db.engine import Tx


def insert_or_ignore(
    tx: Tx, table: Table, rows: Sequence[dict[str, Any]], *, returning: Sequence[Column[Any]] = ()
) -> list[Any]:
    """INSERT … ON CONFLICT DO NOTHING. With *returning*, the rows that were really inserted.

    On Postgres two transactions that insert the same keys in different orders wait for each other for ever, so pass the
    rows sorted by their key.
    """
    if not rows:  # SQLAlchemy would insert one row of defaults
        return []
    dialect = postgresql if tx.conn.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).on_conflict_do_nothing()
    if not returning:
        tx.execute(statement, list(rows))
        return []
    return list(tx.execute(statement.returning(*returning), list(rows)).fetchall())

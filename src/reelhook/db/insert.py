"""The one statement whose spelling differs between our two databases."""

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import Any

from sqlalchemy import Column, Executable, Insert, Table

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
    result = tx.execute(_statement(tx.conn.dialect.name, table, *returning), list(rows))
    return list(result.fetchall()) if returning else []


@cache
def _statement(dialect: str, table: Table, *returning: Column[Any]) -> Executable:
    spoken = import_module(f"sqlalchemy.dialects.{dialect}")  # the engine has loaded it; the other one is not needed
    made: Insert = spoken.insert(table).on_conflict_do_nothing()
    return made.returning(*returning) if returning else made

"""A row that is asked for by its id."""

from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, bindparam, select

from reelhook.errors import NotFound
from reelhook.kit.text import storable


def row_of(conn: Connection, table: Table, id: str, what: str, *, lock: bool = False) -> Row[Any]:
    """The row of *table* with this *id*. Raises *NotFound*, in which it is called *what*.

    With *lock* nobody else can change it before this transaction ends.
    """
    is_storable = id == storable(id)  # with anything else Postgres refuses to compare
    row = conn.execute(_by_id(table, lock), {"of": id}).first() if is_storable else None
    if row is None:
        raise NotFound(f"there is no {what} {id}")
    return row


@cache
def _by_id(table: Table, lock: bool) -> Select[Any]:
    query = select(table).where(table.c.id == bindparam("of"))
    return query.with_for_update() if lock else query

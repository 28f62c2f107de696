"""Reading errors: as rows, and as the API shows them."""

from collections.abc import Mapping
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, and_, select, true

from reelhook.db.rows import row_of
from reelhook.db.tables import error_groups
from reelhook.kit.pages import Page
from reelhook.kit.text import storable
from reelhook.kit.times import rfc3339
from reelhook.monitoring.records import Json, actor_names, by_actor

State = Literal["open", "resolved"]


def find(conn: Connection, error_id: str, *, lock: bool = False) -> Row[Any]:
    """The row of a group. Raises *NotFound*. With *lock* nobody else changes it before this transaction ends."""
    return row_of(conn, error_groups, error_id, "error", lock=lock)


def detail(conn: Connection, error_id: str) -> Json:
    """One group with its traceback and the last times it happened, the newest first."""
    row = find(conn, error_id)
    shown = _shown(row, actor_names(conn, [row.resolved_by]))
    return shown | {"traceback": row.traceback, "samples": row.samples}


def listing(
    conn: Connection,
    page: Page,
    *,
    state: State | None = None,
    code: str | None = None,
    place: str | None = None,
    unexpected: bool | None = None,
) -> Json:
    """A page of groups; what happened last comes first."""
    which: list[ColumnElement[bool]] = [true()]
    if state is not None:
        over = error_groups.c.resolved_at.is_not(None)
        which.append(~over if state == "open" else over)
    for column, value in ((error_groups.c.code, code), (error_groups.c.place, place)):
        if value is not None:
            which.append(column == storable(value))
    if unexpected is not None:
        which.append(error_groups.c.unexpected == unexpected)
    rows = list(conn.execute(page.select(select(error_groups).where(and_(*which)), error_groups.c.last_id)))
    found = page.listing(rows, lambda row: row.last_id)
    names = actor_names(conn, (row.resolved_by for row in found.data))
    return {"data": [_shown(row, names) for row in found.data], "next_cursor": found.next_cursor}


def _shown(row: Row[Any], names: Mapping[str, str]) -> Json:
    resolved = row.resolved_at and {"at": rfc3339(row.resolved_at), "by": by_actor(row.resolved_by, names)}
    return {
        "id": row.id,
        "code": row.code,
        "place": row.place,
        "unexpected": row.unexpected,
        "message": row.message,
        "state": "open" if row.resolved_at is None else "resolved",
        "count": row.happened,
        "first_seen_at": rfc3339(row.first_seen_at),
        "last_seen_at": rfc3339(row.last_seen_at),
        "came_back": row.came_back,
        "version": row.version,
        "resolved": resolved,
    }

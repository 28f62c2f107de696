"""Reading what was refused: the rows that were kept, and the counts of everything."""

import base64
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Row, and_, select

from reelhook.db.rows import row_of
from reelhook.db.tables import rejection_counts, rejections
from reelhook.inbox.reasons import reason
from reelhook.kit.addresses import Network, contains
from reelhook.kit.ids import Ids
from reelhook.kit.pages import Page
from reelhook.kit.text import storable
from reelhook.kit.times import rfc3339

Json = dict[str, Any]
READ_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Which:
    """Which rejections are meant. All that is given must hold."""

    reason: str | None = None
    endpoint: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    network: Network | None = None


def listing(conn: Connection, at: Page, which: Which) -> Json:
    """A page of rejections, newest first."""
    wanted = _conditions(which)
    if which.network is not None:
        wanted.append(rejections.c.id.in_(_from_network(conn, at, wanted, which.network)))
    found = list(conn.execute(at.select(select(rejections).where(*wanted), rejections.c.id)))
    rows = at.listing(found, lambda row: row.id)
    return {"data": [_shown(row) for row in rows.data], "next_cursor": rows.next_cursor}


def detail(conn: Connection, rejection_id: str) -> Json:
    """One rejection with what to do about it and its exact bytes, as far as they were kept. Raises *NotFound*."""
    row = row_of(conn, rejections, rejection_id, "rejection")
    return _shown(row) | {
        "advice": reason(row.reason).advice,
        "body_base64": base64.b64encode(row.body).decode(),
        "kept_bytes": len(row.body),
    }


def counts(conn: Connection, since: datetime, until: datetime) -> Json:
    """How much was refused in each hour from that of *since* to that of *until*, and the sum of each reason."""
    table = rejection_counts.c
    between = and_(table.hour >= since.replace(minute=0, second=0, microsecond=0), table.hour < until)
    rows = list(
        conn.execute(select(rejection_counts).where(between).order_by(table.hour, table.reason, table.endpoint))
    )
    hours = [
        {"hour": rfc3339(row.hour), "endpoint": row.endpoint, "reason": row.reason, "refused": row.refused}
        | {"kept": row.kept}
        for row in rows
    ]
    return {"since": rfc3339(since), "until": rfc3339(until), "data": hours, "reasons": _sums(rows)}


def _sums(rows: Sequence[Row[Any]]) -> list[Json]:
    refused: dict[str, int] = defaultdict(int)
    kept: dict[str, int] = defaultdict(int)
    for row in rows:
        refused[row.reason] += row.refused
        kept[row.reason] += row.kept
    many_first = sorted(refused, key=lambda code: (-refused[code], code))
    return [
        {"reason": code, "title": reason(code).title, "refused": refused[code], "kept": kept[code]}
        for code in many_first
    ]


def _conditions(which: Which) -> list[ColumnElement[bool]]:
    """Times are compared by id, which sorts by them and is indexed."""
    wanted = ((rejections.c.reason, which.reason), (rejections.c.endpoint, which.endpoint))
    found: list[ColumnElement[bool]] = [column == storable(value) for column, value in wanted if value is not None]
    if which.since is not None:
        found.append(rejections.c.id >= Ids.first_at(which.since))
    if which.until is not None:
        found.append(rejections.c.id < Ids.first_at(which.until))
    return found


def _from_network(conn: Connection, at: Page, wanted: Sequence[ColumnElement[bool]], network: Network) -> list[str]:
    """The ids of one page, and one more. No database of ours compares networks, so they are compared here."""
    found: list[str] = []
    before = at.before
    while len(found) <= at.limit:
        query = Page(READ_AT_ONCE - 1, before).select(
            select(rejections.c.id, rejections.c.remote).where(*wanted), rejections.c.id
        )
        rows = conn.execute(query).all()
        found += [row.id for row in rows if contains((network,), row.remote or "")]
        if len(rows) < READ_AT_ONCE:
            break
        before = rows[-1].id
    return found[: at.limit + 1]


def _shown(row: Row[Any]) -> Json:
    return {
        "id": row.id,
        "at": rfc3339(row.at),
        "endpoint": row.endpoint,
        "status": row.status,
        "reason": row.reason,
        "title": reason(row.reason).title,
        "detail": row.detail,
        "remote": row.remote,
        "headers": orjson.loads(row.headers),
        "body": row.body.decode("utf-8", "replace"),
        "bytes": row.bytes,
    }

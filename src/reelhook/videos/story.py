"""The story of a video: what it went through and, for those who may see it, everything that moved it.

Each source is read by one query, newest first and no more than a page of it; the page is the newest of them all.
"""

import re
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, NamedTuple

from fastapi import Query
from pydantic import AfterValidator
from sqlalchemy import ColumnElement, Connection, FromClause, Row, and_, false, or_, select

from reelhook.auth import Principal
from reelhook.db.types import EPOCH
from reelhook.kit.pages import MOST, decode, encode
from reelhook.realtime.log import head
from reelhook.videos.queries import find
from reelhook.videos.story_sources import SOURCES, Source

Json = dict[str, Any]
Show = Literal["story", "everything"]
NOT_OURS = "not a cursor of this story; leave it out to begin with the newest"
LONGEST_NUMBER = 18
CURSOR = re.compile(r"(\d{1,17})\.(\d)\.([0-9a-z-]{0,36})")


class Place(NamedTuple):
    """Where an entry stands in the story: no two stand at one, and none ever moves. *source* is its number."""

    at: datetime
    source: int
    key: int | str

    def cursor(self) -> str:
        return encode(f"{(self.at - EPOCH) // timedelta(microseconds=1)}.{self.source}.{self.key}")


def place(cursor: str) -> Place:
    """The place in a cursor of ours. Raises *ValueError* for anything else."""
    at, number, key = _parts(cursor)
    if number < len(SOURCES) and not SOURCES[number].numbered:
        return Place(at, number, key)
    if number < len(SOURCES) and key.isdigit() and len(key) <= LONGEST_NUMBER:
        return Place(at, number, int(key))
    raise ValueError(NOT_OURS)


def _parts(cursor: str) -> tuple[datetime, int, str]:
    match = CURSOR.fullmatch(decode(cursor))
    if match is None:
        raise ValueError(NOT_OURS)
    return EPOCH + timedelta(microseconds=int(match[1])), int(match[2]), match[3]


def _ours(cursor: str) -> str:
    place(cursor)
    return cursor


Cursor = Annotated[Annotated[str, AfterValidator(_ours)] | None, Query(description="next_cursor of the later page.")]


def read(
    conn: Connection,
    principal: Principal,
    video_id: str,
    show: Show = "story",
    cursor: str | None = None,
    limit: int = MOST,
) -> Json:
    """The newest *limit* entries, before those of the page that gave *cursor*; oldest first.

    The story is told to whoever may see the video. *everything* is beside it what the reader's scopes allow: requests
    that brought an event, jobs and their attempts, and what people did.
    """
    before = None if cursor is None else place(cursor)
    stream_id = head(conn)
    video = find(conn, principal, video_id)
    found: list[tuple[Place, Json]] = []
    for number, source in enumerate(SOURCES):
        if source.scope is None or (show == "everything" and principal.may(source.scope)):
            rows = _rows(conn, source, number, video.id, before, limit + 1)
            found += [(Place(row.at, number, row.key), source.told(row)) for row in rows]
    found.sort(key=lambda each: each[0])
    shown = found[-limit:]
    more = len(found) > limit
    earlier = shown[0][0].cursor() if more else None
    return {"data": [entry for _, entry in shown], "next_cursor": earlier, "stream_id": stream_id}


def _rows(
    conn: Connection, source: Source, number: int, video_id: str, before: Place | None, limit: int
) -> list[Row[Any]]:
    rows = source.rows(video_id).subquery("rows")
    query = select(rows).order_by(rows.c.at.desc(), rows.c.key.desc()).limit(limit)
    return list(conn.execute(query if before is None else query.where(_earlier(rows, number, before))))


def _earlier(rows: FromClause, number: int, than: Place) -> ColumnElement[bool]:
    """That a row of the source with this *number* stands before that place."""
    if number < than.source:
        at_once: ColumnElement[bool] = rows.c.at == than.at
    elif number == than.source:
        at_once = and_(rows.c.at == than.at, rows.c.key < than.key)
    else:
        at_once = false()
    return or_(rows.c.at < than.at, at_once)

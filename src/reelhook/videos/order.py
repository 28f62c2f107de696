"""The orders in which videos are listed, each with a cursor of its own.

A cursor holds the values with which its page ended, so the next page begins behind them, whatever has moved since.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

import orjson
from fastapi import Query
from sqlalchemy import BigInteger, ColumnElement, Row, Select, and_, or_, type_coerce

from reelhook.db.tables import BY_TITLE, BY_WAITING, videos
from reelhook.errors import WrongInput
from reelhook.kit import pages
from reelhook.kit.text import storable

LONGEST_CURSOR = 2_000
BIGGEST = 2**63 - 1


class Sort(StrEnum):
    NEWEST = "newest"
    CHANGED = "changed"  # what changed last comes first
    TITLE = "title"  # A to Z; what has no title comes last
    WAITING = "waiting"  # what is on its way, the longest wait first; then what has arrived, newest first


@dataclass(frozen=True, slots=True)
class Key:
    """What rows are sorted by, before their ids: *of_text* or of whole numbers."""

    by: ColumnElement[Any]
    of_text: bool = False
    descending: bool = False


# Each has an index together with the id, which settles what is equal, in the same direction.
KEYS = {
    Sort.CHANGED: Key(type_coerce(videos.c.updated_at, BigInteger), descending=True),
    Sort.TITLE: Key(BY_TITLE, of_text=True),
    Sort.WAITING: Key(BY_WAITING),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """At most *limit* videos in the order of *sort*, behind the one with this *key* (none for newest) and *id*."""

    limit: int = pages.USUAL
    sort: Sort = Sort.NEWEST
    key: str | int | None = None
    id: str | None = None

    def page(self, statement: Select[Any]) -> Select[Any]:
        """*statement* for this page, and one row more, to know whether there is a next one."""
        if self.sort is Sort.NEWEST:
            return pages.Page(self.limit, self.id).select(statement, videos.c.id)
        order = KEYS[self.sort]
        if self.id is not None:
            statement = statement.where(self._behind(order))
        ends = (order.by.desc(), videos.c.id.desc()) if order.descending else (order.by, videos.c.id)
        return statement.add_columns(order.by.label("sort_key")).order_by(*ends).limit(self.limit + 1)

    def next_cursor(self, rows: Sequence[Row[Any]]) -> str | None:
        """Where the page behind *rows* begins; None when they are all."""
        if len(rows) <= self.limit:
            return None
        last = rows[self.limit - 1]
        if self.sort is Sort.NEWEST:
            return pages.encode(last.id)
        raw = orjson.dumps([self.sort, last.sort_key, last.id])
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    def _behind(self, order: Key) -> ColumnElement[bool]:
        """As a bound of its own and a condition: SQLite uses no index for a pair that holds an expression."""
        if order.descending:
            return and_(order.by <= self.key, or_(order.by < self.key, videos.c.id < self.id))
        return and_(order.by >= self.key, or_(order.by > self.key, videos.c.id > self.id))


def wanted(
    limit: pages.Limit = pages.USUAL,
    sort: Annotated[Sort, Query(description="The order: `waiting` puts the longest wait first.")] = Sort.NEWEST,
    cursor: Annotated[
        str | None, Query(max_length=LONGEST_CURSOR, description="next_cursor of the page before, in the same order.")
    ] = None,
) -> Wanted:
    """A dependency: which page is asked for, and in which order."""
    if cursor is None:
        return Wanted(limit, sort)
    try:
        if sort is Sort.NEWEST:
            return Wanted(limit, sort, None, pages.decode(cursor))
        return Wanted(limit, sort, *_decode(cursor, sort))
    except ValueError:
        detail = f"cursor is not one of this list in the order {sort}; leave it out to begin at its start"
        raise WrongInput(detail) from None


def _decode(cursor: str, sort: Sort) -> tuple[str | int, str]:
    """The key and the id in a cursor of ours. Raises *ValueError* for anything else."""
    try:
        said = orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, orjson.JSONDecodeError) as error:
        raise ValueError("not base64 of JSON") from error
    match said:
        case [str(named), key, str(last_id)] if named == sort and _is_key(key, KEYS[sort]):
            return storable(key) if isinstance(key, str) else key, storable(last_id)
    raise ValueError("not a cursor of this order")


def _is_key(key: object, order: Key) -> bool:
    if order.of_text:
        return isinstance(key, str)
    return type(key) is int and abs(key) <= BIGGEST

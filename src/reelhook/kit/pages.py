"""Lists in pages: newest first, and an opaque cursor that says where the next page begins.

@router.get("/things")
async def things(wanted: Annotated[Page, Depends(page)]) -> Listing[Thing]:
    rows = await db.read(lambda conn: conn.execute(wanted.select(select(table), table.c.id)).all())
    return wanted.listing([Thing.model_validate(row) for row in rows], lambda thing: thing.id)
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import AfterValidator, BaseModel
from sqlalchemy import ColumnElement, Select

USUAL = 50
MOST = 200
LONGEST_ID = 80

T = TypeVar("T")
AnySelect = TypeVar("AnySelect", bound=Select[*tuple[Any, ...]])


class Listing(BaseModel, Generic[T]):
    """One page, as it is answered. *next_cursor* is null on the last one."""

    data: list[T]
    next_cursor: str | None


@dataclass(frozen=True)
class Page:
    """What the client asked for: at most *limit* entries, older than the one whose id is *before*."""

    limit: int = USUAL
    before: str | int | None = None

    def select(self, statement: AnySelect, column: ColumnElement[Any]) -> AnySelect:
        """*statement* for this page, by the id in *column*, and one row more, to know whether there is a next page."""
        if self.before is not None:
            statement = statement.where(column < self.before)
        return statement.order_by(column.desc()).limit(self.limit + 1)

    def listing(self, entries: Sequence[T], id_of: Callable[[T], str | int]) -> Listing[T]:
        """The answer, from what `select` found."""
        data = list(entries[: self.limit])
        more = len(entries) > self.limit
        return Listing(data=data, next_cursor=encode(id_of(data[-1])) if more else None)


def encode(last_id: str | int) -> str:
    return base64.urlsafe_b64encode(str(last_id).encode()).decode().rstrip("=")


def decode(cursor: str) -> str:
    """The id in a cursor of ours. Raises *ValueError* for anything else."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        text = ""
    if not text or len(text) > LONGEST_ID or not text.isprintable():
        raise ValueError("not a cursor of this list; leave it out to begin with the newest")
    return text


def decode_number(cursor: str) -> int:
    """The same for lists whose ids are integers."""
    text = decode(cursor)
    if not text.isdigit() or len(text) > 18:
        raise ValueError("not a cursor of this list; leave it out to begin with the newest")
    return int(text)


# The decoders run as validators, so that a wrong cursor is answered like any other wrong parameter: 422, by name.
Limit = Annotated[int, Query(ge=1, le=MOST, description="Most entries on this page.")]
Cursor = Annotated[Annotated[str, AfterValidator(decode)] | None, Query(description="next_cursor of the page before.")]
NumberCursor = Annotated[
    Annotated[str, AfterValidator(decode_number)] | None, Query(description="next_cursor of the page before.")
]


def page(limit: Limit = USUAL, cursor: Cursor = None) -> Page:
    """A dependency: the page of a list whose ids are texts that sort by age."""
    return Page(limit, cursor)


def numbered_page(limit: Limit = USUAL, cursor: NumberCursor = None) -> Page:
    """A dependency: the page of a list whose ids are integers."""
    return Page(limit, cursor)

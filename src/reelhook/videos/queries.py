"""Reading videos, as far as the one who asks may see them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, false, func, or_, select, text, true

from reelhook.auth import Principal
from reelhook.db.tables import assets, videos
from reelhook.errors import NotFound, WrongInput
from reelhook.kit.text import storable
from reelhook.realtime.log import head
from reelhook.videos import views
from reelhook.videos.counting import counted
from reelhook.videos.order import Sort, Wanted
from reelhook.videos.states import State

Json = dict[str, Any]
# Written out, not bound: SQLite uses a partial index only when it sees that the condition implies the index's.
LATE = text("videos.late")
MANY = 2_000  # fewer are sorted sooner than a page of them is met among all others


@dataclass(frozen=True, slots=True)
class Filter:
    """Which videos: in one of *states* (empty: any), of *subject*, with *words* in title, subject or an id …"""

    states: tuple[State, ...] = ()
    subject: str | None = None
    words: str | None = None
    late: bool | None = None
    kind: str | None = None

    @classmethod
    def parse(
        cls,
        state: str | None = None,
        subject: str | None = None,
        words: str | None = None,
        late: bool | None = None,
        kind: str | None = None,
    ) -> "Filter":
        try:
            states = tuple(State(part) for part in (state or "").split(",") if part)
        except ValueError:
            raise WrongInput(f"state must be some of {', '.join(State)}, not {state!r}") from None
        return cls(states, subject and storable(subject), words and storable(words), late, kind and storable(kind))

    def condition(self, *, in_order: bool = False) -> ColumnElement[bool]:
        """*in_order*: the index of the order that they are wanted in is to be walked, not that of the states."""
        parts: list[Any] = [true()]
        if self.states:
            state = func.coalesce(videos.c.state, "") if in_order else videos.c.state
            parts.append(state.in_(self.states))
        if self.subject is not None:
            parts.append(videos.c.subject == self.subject)
        if self.late is not None:
            parts.append(LATE if self.late else videos.c.late.is_(False))
        if self.kind is not None:
            parts.append(videos.c.kind == self.kind)
        if self.words:
            columns = (videos.c.title, videos.c.subject, videos.c.id, videos.c.heygen_video_id)
            parts.append(or_(*(column.icontains(self.words, autoescape=True) for column in columns)))
        return and_(*parts)


def visible(principal: Principal) -> ColumnElement[bool]:
    """The condition for the rows that *principal* may see: `Principal.sees` in SQL."""
    if principal.sees_all:
        return true()
    if principal.subject is None:  # or `IS NULL` would show it everything that has no owner
        return false()
    own = videos.c.subject == principal.subject
    return own if principal.video_ids is None else and_(own, videos.c.id.in_(sorted(principal.video_ids)))


def find(conn: Connection, principal: Principal, video_id: str) -> Row[Any]:
    """One video. Raises *NotFound* also for one the caller may not see: it must not learn that it exists."""
    row = conn.execute(select(videos).where(videos.c.id == storable(video_id), visible(principal))).first()
    if row is None:
        raise NotFound(f"there is no video {video_id}")
    return row


def detail(conn: Connection, principal: Principal, video_id: str) -> Json:
    """One video with all its files, and the stream id from which live updates go on."""
    stream_id = head(conn)
    row = find(conn, principal, video_id)
    files = conn.execute(select(assets).where(assets.c.video_id == video_id).order_by(assets.c.id))
    shown = [views.asset_detail(asset) for asset in files]
    return views.show(conn, row) | {"assets": shown, "retry_of": row.retry_of, "stream_id": stream_id}


def listing(conn: Connection, principal: Principal, which: Filter, wanted: Wanted) -> Json:
    """A page of videos. The stream id is read before the rows, so nothing falls in between."""
    stream_id = head(conn)
    in_order = wanted.sort is not Sort.NEWEST and _are_many(conn, which)
    query = select(videos).where(visible(principal), which.condition(in_order=in_order))
    rows = list(conn.execute(wanted.page(query)))
    shown = views.show_all(conn, rows[: wanted.limit])
    return {"data": shown, "next_cursor": wanted.next_cursor(rows), "stream_id": stream_id}


def _are_many(conn: Connection, which: Filter) -> bool:
    """Whether many are in these states, which no index holds in another order than that of the ids."""
    return bool(which.states) and sum(counted(conn, which.states, MANY).values()) >= MANY


def counts(conn: Connection, principal: Principal, which: Filter) -> Json:
    """How many of the videos are in each state."""
    stream_id = head(conn)
    of_each = select(videos.c.state, func.count()).where(visible(principal), which.condition())
    rows = conn.execute(of_each.group_by(videos.c.state))
    found = {state: int(number) for state, number in rows}
    return {"data": {str(state): found.get(state, 0) for state in State}, "stream_id": stream_id}

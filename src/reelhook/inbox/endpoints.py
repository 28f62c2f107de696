"""`/api/v1/events` and `/api/v1/schema-drift`."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import Field, model_validator

from reelhook.auth import Principal, requires
from reelhook.auth.shapes import Body
from reelhook.db import Database
from reelhook.inbox import drift, queries
from reelhook.inbox.replay import SCAN_LIMIT_S, Replays
from reelhook.inbox.selection import extent
from reelhook.inbox.store import LONGEST_INDEXED
from reelhook.jobs.event_filter import EventFilter
from reelhook.kit.pages import Page, page
from reelhook.kit.times import GivenTime

At = Annotated[Page, Depends(page)]
Replayer = Annotated[Principal, Depends(requires("events:replay"))]
Source = Literal["webhook", "callback", "reconcile"]


def chosen(
    type: str | None = None,
    state: str | None = None,
    video_id: str | None = None,
    source: Source | None = None,
    since: GivenTime | None = None,
    until: GivenTime | None = None,
) -> EventFilter:
    """A dependency: the events that the query's parameters mean."""
    return EventFilter(type=type, state=state, video_id=video_id, source=source, since=since, until=until)


Chosen = Annotated[EventFilter, Depends(chosen)]
Named = Annotated[
    str | None,
    Query(max_length=200, description="An id: of the event or its video, ours or HeyGen's, or of what it is about."),
]


class ReplayRequest(Body):
    """Which events to replay. All that is given must hold, and something must be given."""

    type: str | None = Field(None, max_length=LONGEST_INDEXED)
    state: Literal["pending", "applied", "ignored"] | None = None
    video_id: str | None = Field(None, max_length=80)
    source: Source | None = None
    since: GivenTime | None = None
    until: GivenTime | None = None

    @model_validator(mode="after")
    def _narrowed(self) -> "ReplayRequest":
        if all(value is None for _, value in self):
            raise ValueError("give at least one of type, state, video_id, source, since and until")
        if self.since and self.until and self.since >= self.until:
            raise ValueError("since must be before until")
        return self


def router(db: Database, replays: Replays) -> APIRouter:
    """The routes, given the database and who replays."""
    routes = APIRouter(prefix="/api/v1", tags=["events"])
    readers = [Depends(requires("events:read"))]

    @routes.get("/events", dependencies=readers)
    async def list_events(at: At, which: Chosen, q: Named = None) -> dict[str, Any]:
        """Events, newest first."""
        return await db.read(lambda conn: queries.listing(conn, at, which, q))

    @routes.get("/events/count", dependencies=readers)
    async def count(which: Chosen) -> dict[str, int]:
        """How many events that is: what a replay with the same filter would take."""
        number, _ = await db.read(lambda conn: extent(conn, which), limit_s=SCAN_LIMIT_S)
        return {"events": number}

    @routes.post("/events/replay", status_code=202)
    async def replay_many(wanted: ReplayRequest, principal: Replayer) -> dict[str, int]:
        """Apply all events again that match, the oldest first. Harmless for what was applied before."""
        return {"events": await replays.many(principal, EventFilter(**wanted.model_dump()))}

    @routes.get("/events/{event_id}", dependencies=readers)
    async def event(event_id: str) -> dict[str, Any]:
        """One event: raw body, headers, every delivery, and what came of it."""
        return await db.read(lambda conn: queries.detail(conn, event_id))

    @routes.post("/events/{event_id}/replay", status_code=202)
    async def replay_one(event_id: str, principal: Replayer) -> dict[str, Any]:
        """Apply one event again. Committed before the answer, done soon after it."""
        return await replays.one(principal, event_id)

    @routes.get("/schema-drift", dependencies=readers)
    async def list_drift() -> dict[str, Any]:
        """Where events differ from what is known of them, by type, the latest first; 500 at most."""
        return {"data": await db.read(drift.listed)}

    return routes

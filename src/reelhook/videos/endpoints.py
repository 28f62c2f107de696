"""`/api/v1/videos`."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field

from reelhook import logs
from reelhook.auth import Audit, Principal, requires
from reelhook.db import Database, Tx
from reelhook.db.insert import insert_or_ignore
from reelhook.db.tables import seen
from reelhook.errors import Conflict
from reelhook.heygen import faults
from reelhook.kit.clock import Clock
from reelhook.kit.pages import MOST, Limit
from reelhook.kit.text import storable
from reelhook.videos import queries, story, views
from reelhook.videos.counting import Counts
from reelhook.videos.creation import Creation, NewVideo
from reelhook.videos.lifecycle import TITLE_LENGTH, Lifecycle
from reelhook.videos.order import Wanted, wanted

Reader = Annotated[Principal, Depends(requires("videos:read"))]
Writer = Annotated[Principal, Depends(requires("videos:write"))]
Deleter = Annotated[Principal, Depends(requires("videos:delete"))]
Words = Annotated[str | None, Query(max_length=200, description="Part of a title, subject or id.")]
Late = Annotated[bool | None, Query(description="Only those that take longer than usual, or only the others.")]
Kind = Annotated[str | None, Query(max_length=40, description="What HeyGen makes: `avatar_video`, `video_agent` …")]
IdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=255)]


class Changes(BaseModel):
    """What may be changed of a video. Fields that are left out stay."""

    model_config = ConfigDict(extra="forbid", strict=True)
    title: str | None = Field(None, max_length=TITLE_LENGTH)
    subject: str | None = Field(None, max_length=200)


class Seen(BaseModel):
    """A random id that the browser keeps for itself."""

    model_config = ConfigDict(extra="forbid", strict=True)
    browser: str = Field(min_length=8, max_length=64)


def router(db: Database, clock: Clock, lifecycle: Lifecycle, creation: Creation, audit: Audit) -> APIRouter:
    """The routes, given the services they use."""
    routes = APIRouter(prefix="/api/v1/videos", tags=["videos"])
    count_all = Counts(db, clock)

    @routes.post("", status_code=202, responses={200: {"description": "It is here already; nothing was made"}})
    async def create(
        new: NewVideo, principal: Writer, response: Response, idempotency_key: IdempotencyKey = None
    ) -> dict[str, Any]:
        """Ask HeyGen to render, or track a video it already has. Committed before the answer."""
        _refuse_faults(new.heygen)

        def work(tx: Tx) -> tuple[bool, dict[str, Any]]:
            video_id, fresh = creation.create(tx, principal, new, idempotency_key)
            if fresh:
                audit.record(tx, principal, "video.create", video_id)
            return fresh, views.show(tx.conn, lifecycle.get(tx.conn, video_id))

        fresh, video = await db.write(work)
        logs.about(video_id=video["id"])
        response.status_code = 202 if fresh else 200
        return video

    @routes.get("")
    async def list_videos(
        principal: Reader,
        at: Annotated[Wanted, Depends(wanted)],
        state: Annotated[str | None, Query(description="One or more states, separated by commas.")] = None,
        subject: str | None = None,
        q: Words = None,
        late: Late = None,
        kind: Kind = None,
    ) -> dict[str, Any]:
        """Videos, newest first, or in the order of *sort*."""
        which = queries.Filter.parse(state, subject, q, late, kind)
        return await db.read(lambda conn: queries.listing(conn, principal, which, at))

    @routes.get("/counts")
    async def counts(
        principal: Reader, subject: str | None = None, q: Words = None, late: Late = None, kind: Kind = None
    ) -> dict[str, Any]:
        """How many videos are in each state; with the same filters as the list.

        A number above 10,000 of all videos may be a minute old.
        """
        which = queries.Filter.parse(None, subject, q, late, kind)
        if principal.sees_all and which == queries.Filter():
            stream_id, numbers = await count_all()
            return {"data": numbers, "stream_id": stream_id}
        return await db.read(lambda conn: queries.counts(conn, principal, which))

    @routes.get("/{video_id}")
    async def detail(video_id: str, principal: Reader) -> dict[str, Any]:
        """One video with all its files."""
        return await db.read(lambda conn: queries.detail(conn, principal, video_id))

    @routes.get("/{video_id}/timeline")
    async def timeline(
        video_id: str,
        principal: Reader,
        show: story.Show = "story",
        cursor: story.Cursor = None,
        limit: Limit = MOST,
    ) -> dict[str, Any]:
        """What happened to it, oldest first; `next_cursor` leads to what was earlier.

        `everything` adds what your scopes let you see: each delivery (`events:read`), jobs and attempts (`jobs:read`),
        and what people did (`audit:read`).
        """
        return await db.read(lambda conn: story.read(conn, principal, video_id, show, cursor, limit))

    @routes.patch("/{video_id}")
    async def change(video_id: str, changes: Changes, principal: Writer) -> dict[str, Any]:
        """Rename a video, or give it to another subject."""

        def work(tx: Tx) -> dict[str, Any]:
            row = queries.find(tx.conn, principal, video_id)
            asked = changes.model_dump(exclude_unset=True)
            if asked:
                lifecycle.amend(tx, row.id, **asked)
                audit.record(tx, principal, "video.change", row.id, fields=sorted(asked))
            return views.show(tx.conn, lifecycle.get(tx.conn, row.id))

        return await db.write(work)

    @routes.delete("/{video_id}", status_code=204)
    async def delete(
        video_id: str,
        principal: Deleter,
        confirm: Annotated[str, Query(description="The video's id again: its stored files are deleted too.")],
    ) -> None:
        """Delete a video and its stored files, for good."""
        if confirm != video_id:
            raise Conflict("confirm must repeat the video's id: the stored files are deleted too")

        def work(tx: Tx) -> None:
            row = queries.find(tx.conn, principal, video_id)
            lifecycle.delete(tx, row.id)
            audit.record(tx, principal, "video.delete", row.id)

        await db.write(work)

    @routes.post("/{video_id}/retry", status_code=202, responses={201: {"description": "A new video"}})
    async def retry(video_id: str, principal: Writer, response: Response) -> dict[str, Any]:
        """An unarchived video is archived again (202); a failed one is requested anew, as a new video (201)."""

        def work(tx: Tx) -> tuple[bool, dict[str, Any]]:
            row = queries.find(tx.conn, principal, video_id)
            result_id, fresh = creation.try_again(tx, row)
            audit.record(tx, principal, "video.retry", row.id, as_video=result_id)
            return fresh, views.show(tx.conn, lifecycle.get(tx.conn, result_id))

        fresh, video = await db.write(work)
        response.status_code = 201 if fresh else 202
        return video

    @routes.post("/{video_id}/seen", status_code=204)
    async def mark_seen(video_id: str, by: Seen, principal: Reader) -> None:
        """A browser reports, once, that the video was really visible."""

        def work(tx: Tx) -> None:
            row = queries.find(tx.conn, principal, video_id)
            insert_or_ignore(tx, seen, [{"video_id": row.id, "browser": storable(by.browser), "at": clock.now()}])

        await db.write(work)

    return routes


def _refuse_faults(request: dict[str, Any] | None) -> None:
    """What HeyGen is known to refuse is refused here, at once and by field, in place of a video that fails."""
    found = [
        {"type": "refused_by_heygen", "loc": ("body", "heygen", fault.field), "msg": fault.message}
        for fault in faults(request or {})
    ]
    if found:
        raise RequestValidationError(found)

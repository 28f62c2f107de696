"""`GET /api/v1/jobs`: the work and how it goes."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from sqlalchemy import Connection, Row, Select, select, text

from reelhook.auth import requires
from reelhook.db import Database
from reelhook.db.tables import job_attempts, jobs
from reelhook.kit.pages import Page, page
from reelhook.kit.text import storable
from reelhook.kit.times import rfc3339

State = Literal["available", "running", "retryable", "done", "dead"]


def router(db: Database) -> APIRouter:
    """The routes, given the database."""
    routes = APIRouter(prefix="/api/v1/jobs", tags=["jobs"], dependencies=[Depends(requires("jobs:read"))])

    @routes.get("")
    async def list_jobs(
        at: Annotated[Page, Depends(page)],
        state: State | None = None,
        kind: str | None = None,
        video_id: str | None = None,
    ) -> dict[str, Any]:
        """Jobs, newest first, each with the story of its attempts."""
        query = select(jobs)
        if state is not None:
            query = query.where(jobs.c.state == state)
            if state != "done":  # SQLite sees that the partial index serves only when its condition is written out
                query = query.where(text("jobs.state <> 'done'"))
        if kind is not None:
            query = query.where(jobs.c.kind == storable(kind))
        if video_id is not None:
            query = query.where(jobs.c.video_id == storable(video_id))
        return await db.read(lambda conn: _listing(conn, at, query))

    return routes


def _listing(conn: Connection, at: Page, query: Select[Any]) -> dict[str, Any]:
    rows = at.listing(list(conn.execute(at.select(query, jobs.c.id))), lambda row: row.id)
    tried = _attempts(conn, [row.id for row in rows.data])
    return {"data": [_job(row, tried[row.id]) for row in rows.data], "next_cursor": rows.next_cursor}


def _attempts(conn: Connection, job_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    query = select(job_attempts).where(job_attempts.c.job_id.in_(job_ids)).order_by(job_attempts.c.id)
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in conn.execute(query):
        found[row.job_id].append(_attempt(row))
    return found


def _job(row: Row[Any], attempts: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "payload": row.payload,
        "video_id": row.video_id,
        "state": row.state,
        "run_at": rfc3339(row.run_at),
        "error": row.error,
        "created_at": rfc3339(row.created_at),
        "finished_at": rfc3339(row.finished_at) if row.finished_at else None,
        "attempts": attempts,
    }


def _attempt(row: Row[Any]) -> dict[str, Any]:
    return {
        "number": row.number,
        "started_at": rfc3339(row.started_at),
        "ended_at": rfc3339(row.ended_at),
        "outcome": row.outcome,
        "error": row.error,
    }

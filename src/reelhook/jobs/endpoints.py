"""`GET /api/v1/jobs`: the work and how it goes."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from sqlalchemy import Connection, Row, select

from reelhook.auth import requires
from reelhook.db import Database
from reelhook.db.tables import job_attempts, jobs
from reelhook.kit.pages import Page, page
from reelhook.kit.times import rfc3339


def router(db: Database) -> APIRouter:
    """The routes, given the database."""
    routes = APIRouter(prefix="/api/v1/jobs", tags=["jobs"], dependencies=[Depends(requires("jobs:read"))])

    @routes.get("")
    async def list_jobs(
        at: Annotated[Page, Depends(page)],
        state: str | None = None,
        kind: str | None = None,
        video_id: str | None = None,
    ) -> dict[str, Any]:
        """Jobs, newest first, each with the story of its attempts."""
        wanted = {"state": state, "kind": kind, "video_id": video_id}
        return await db.read(lambda conn: _listing(conn, at, wanted))

    return routes


def _listing(conn: Connection, at: Page, wanted: dict[str, str | None]) -> dict[str, Any]:
    query = select(jobs)
    for name, value in wanted.items():
        if value is not None:
            query = query.where(jobs.c[name] == value)
    rows = at.listing(list(conn.execute(at.select(query, jobs.c.id))), lambda row: row.id)
    tried = conn.execute(
        select(job_attempts).where(job_attempts.c.job_id.in_([row.id for row in rows.data])).order_by(job_attempts.c.id)
    ).fetchall()
    data = [_job(row, [_attempt(one) for one in tried if one.job_id == row.id]) for row in rows.data]
    return {"data": data, "next_cursor": rows.next_cursor}


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

"""Reading jobs and the story of their attempts."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Row, Text, and_, func, select, text, true, type_coerce

from reelhook.db.rows import row_of
from reelhook.db.tables import job_attempts, jobs
from reelhook.jobs.kinds import stays_dead
from reelhook.jobs.states import State
from reelhook.kit.pages import Page
from reelhook.kit.text import storable
from reelhook.kit.times import rfc3339

Json = dict[str, Any]
# Written out, not bound: SQLite uses a partial index only when it sees that the condition implies the index's.
NOT_DONE = text("jobs.state <> 'done'")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which jobs. *code* is that of the last failure, *discarded* is about dead ones, *since* and *until* about when
    they ended."""

    state: State | None = None
    kind: str | None = None
    video_id: str | None = None
    code: str | None = None
    discarded: bool | None = None
    since: datetime | None = None
    until: datetime | None = None

    def condition(self) -> ColumnElement[bool]:
        parts: list[Any] = [true()]
        if self.state is not None:
            parts.append(jobs.c.state == self.state)
        if self.kind is not None:
            parts.append(jobs.c.kind == storable(self.kind))
        if self.video_id is not None:
            parts.append(jobs.c.video_id == storable(self.video_id))
        if self.code is not None:
            parts += [_failed_with(self.code), NOT_DONE]  # what is done has no failure
        if self.discarded is not None:
            reason = jobs.c.discarded_reason
            parts += [jobs.c.state == "dead", reason.is_not(None) if self.discarded else reason.is_(None), NOT_DONE]
        if self.state not in (None, "done"):
            parts.append(NOT_DONE)
        if self.since is not None:
            parts.append(jobs.c.finished_at >= self.since)
        if self.until is not None:
            parts.append(jobs.c.finished_at < self.until)
        return and_(*parts)


def find(conn: Connection, job_id: str, *, lock: bool = False) -> Row[Any]:
    """The row of a job. Raises *NotFound*. With *lock* nobody else can change it before this transaction ends."""
    return row_of(conn, jobs, job_id, "job", lock=lock)


def detail(conn: Connection, job_id: str) -> Json:
    """One job with the story of its attempts."""
    row = find(conn, job_id)
    return _job(row, _attempts(conn, [row.id])[row.id])


def listing(conn: Connection, page: Page, which: Filter) -> Json:
    """A page of jobs, newest first, each with the story of its attempts."""
    query = select(jobs).where(which.condition())
    rows = page.listing(list(conn.execute(page.select(query, jobs.c.id))), lambda row: row.id)
    tried = _attempts(conn, [row.id for row in rows.data])
    return {"data": [_job(row, tried[row.id]) for row in rows.data], "next_cursor": rows.next_cursor}


def counts(conn: Connection) -> Json:
    """How many jobs are in each state, but for what is done: that only grows."""
    discarded = jobs.c.discarded_reason.is_not(None)
    query = select(jobs.c.state, discarded, func.count()).where(NOT_DONE).group_by(jobs.c.state, discarded)
    found = {"discarded" if aside else state: number for state, aside, number in conn.execute(query)}
    return {"data": {name: found.get(name, 0) for name in ("available", "running", "retryable", "dead", "discarded")}}


def ids(conn: Connection, which: Filter, *, before: str | None, limit: int) -> Sequence[str]:
    """The ids of the newest *limit* jobs that are older than *before*."""
    query = select(jobs.c.id).where(which.condition(), true() if before is None else jobs.c.id < before)
    return conn.execute(query.order_by(jobs.c.id.desc()).limit(limit)).scalars().all()


def _failed_with(code: str) -> ColumnElement[bool]:
    """The code comes first in what `Failure.shown` gives, and our two databases read JSON in different words."""
    beginning = orjson.dumps({"code": storable(code)}).decode().removesuffix("}") + ","
    return func.substr(type_coerce(jobs.c.error, Text), 1, len(beginning)) == beginning


def _attempts(conn: Connection, job_ids: Sequence[str]) -> dict[str, list[Json]]:
    query = select(job_attempts).where(job_attempts.c.job_id.in_(job_ids)).order_by(job_attempts.c.id)
    found: defaultdict[str, list[Json]] = defaultdict(list)
    for row in conn.execute(query):
        found[row.job_id].append(_attempt(row))
    return found


def _job(row: Row[Any], attempts: list[Json]) -> Json:
    return {
        "id": row.id,
        "kind": row.kind,
        "payload": row.payload,
        "video_id": row.video_id,
        "state": row.state,
        "run_at": rfc3339(row.run_at),
        "deadline": rfc3339(row.deadline),
        "error": row.error,
        "discarded_reason": row.discarded_reason,
        "repeatable": stays_dead(row.kind) is None,
        "created_at": rfc3339(row.created_at),
        "finished_at": rfc3339(row.finished_at) if row.finished_at else None,
        "attempts": attempts,
    }


def _attempt(row: Row[Any]) -> Json:
    return {
        "number": row.number,
        "started_at": rfc3339(row.started_at),
        "ended_at": rfc3339(row.ended_at),
        "outcome": row.outcome,
        "error": row.error,
    }

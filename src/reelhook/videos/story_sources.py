"""Where the story of a video comes from: each source is one query over a table, and how its rows are told.

The words of an entry are plain; whoever shows them better has its `data`. Bodies and headers stay where they are.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, String, case, func, literal, select, union_all

from reelhook.auth.names import with_names
from reelhook.db.tables import audit, delivery_attempts, events, job_attempts, jobs, seen, timeline
from reelhook.jobs.kinds import ArchiveAsset
from reelhook.kit.times import rfc3339

Json = dict[str, Any]
CAME = {
    "webhook": "HeyGen delivered {}",
    "callback": "An unsigned callback said {}",
    "reconcile": "HeyGen was asked, and had {}",
}


@dataclass(frozen=True, slots=True)
class Source:
    """*rows* gives all of a video, with when each happened as `at` and what tells it from others as `key`.

    *scope* is what a reader needs beside `videos:read`, and *numbered* says that keys are integers.
    """

    rows: Callable[[str], Select[Any]]
    told: Callable[[Row[Any]], Json]
    scope: str | None = None
    numbered: bool = True


def _people(video_id: str) -> Select[Any]:
    """What was done to the video, to a job of it, or to an event of it."""
    about = union_all(
        select(literal(video_id, String)),
        select(jobs.c.id).where(jobs.c.video_id == video_id),
        select(events.c.id).where(events.c.video_id == video_id),
    )
    return with_names().add_columns(audit.c.id.label("key")).where(audit.c.target.in_(about))


def _person(row: Row[Any]) -> Json:
    data = {"actor": row.actor, "actor_name": row.actor_name, "action": row.action, "target": row.target}
    return _entry(row, "person", f"{row.actor_name or row.actor}: {row.action}", data | {"said": row.data})


def _deliveries(video_id: str) -> Select[Any]:
    """Every request that carried an event of the video."""
    attempt, event = delivery_attempts.c, events.c
    told = (event.type, event.source, event.state, event.verdict, event.applied_at, event.replays, event.replay_verdict)
    return (
        select(attempt.id.label("key"), attempt.at, attempt.event_id, attempt.remote, *told)
        .add_columns(attempt.signature_header, attempt.duplicate)
        .join_from(delivery_attempts, events, event.id == attempt.event_id)
        .where(event.video_id == video_id)
    )


def _delivery(row: Row[Any]) -> Json:
    words = CAME.get(row.source, "{} came").format(row.type) + (" again" if row.duplicate else "")
    data = {
        "event_id": row.event_id,
        "type": row.type,
        "source": row.source,
        "signature_header": row.signature_header,
        "remote": row.remote,
        "duplicate": row.duplicate,
        "state": row.state,
        "verdict": row.verdict,
        "applied_at": _moment(row.applied_at),
        "replays": row.replays,
        "replay_verdict": row.replay_verdict,
    }
    return _entry(row, "delivery", words, data)


def _attempts(video_id: str) -> Select[Any]:
    """Every attempt at a job of the video that has ended, and when the next one began.

    One that waits for the same again and again is made longer: it stays where it began.
    """
    attempt, job = job_attempts.c, jobs.c
    began = func.lead(attempt.started_at, type_=attempt.started_at.type)
    return (
        select(attempt.id.label("key"), attempt.number, attempt.started_at, attempt.ended_at, attempt.outcome)
        .add_columns(attempt.error, job.id.label("job_id"), job.kind, job.state, job.run_at, job.payload)
        .add_columns(case((attempt.outcome == "postponed", attempt.started_at), else_=attempt.ended_at).label("at"))
        .add_columns(began.over(partition_by=attempt.job_id, order_by=attempt.id).label("next_began"))
        .join_from(job_attempts, jobs, job.id == attempt.job_id)
        .where(job.video_id == video_id)
    )


def _attempt(row: Row[Any]) -> Json:
    """Of the archive's work it is an upload, of everything else a job."""
    waits = row.state in ("available", "retryable") and row.outcome in ("retryable", "postponed", "lost")
    data = _job_data(row) | {
        "number": row.number,
        "outcome": row.outcome,
        "error": row.error,
        "started_at": rfc3339(row.started_at),
        "ended_at": rfc3339(row.ended_at),
        "next_at": _moment(row.next_began or (row.run_at if waits else None)),
    }
    why = f": {row.error['message']}" if row.error else ""
    words = f"Attempt {row.number} at {row.kind}, {row.outcome}{why}"
    return _entry(row, "upload" if row.kind == ArchiveAsset.kind else "job", words, data)


def _told(video_id: str) -> Select[Any]:
    return select(timeline, timeline.c.id.label("key")).where(timeline.c.video_id == video_id)


def _committed(row: Row[Any]) -> Json:
    return _entry(row, row.kind, row.message, row.data) | {"id": row.id, "state": row.state}


def _jobs(video_id: str) -> Select[Any]:
    job = jobs.c
    known = (job.kind, job.payload, job.state, job.run_at, job.error, job.discarded_reason, job.finished_at)
    asked = select(job.id.label("key"), job.id.label("job_id"), job.created_at.label("at"), *known)
    return asked.add_columns((job.attempts_before + job.attempts).label("attempts")).where(job.video_id == video_id)


def _job(row: Row[Any]) -> Json:
    data = _job_data(row) | {
        "state": row.state,
        "run_at": rfc3339(row.run_at),
        "attempts": row.attempts,
        "error": row.error,
        "discarded_reason": row.discarded_reason,
        "finished_at": _moment(row.finished_at),
    }
    return _entry(row, "job", f"Work was queued: {row.kind}", data)


def _job_data(row: Row[Any]) -> Json:
    return {"job_id": row.job_id, "job_kind": row.kind, "asset_id": row.payload.get("asset_id")}


def _sightings(video_id: str) -> Select[Any]:
    """In how many browsers it was seen: one row, or none."""
    number, of = func.count(), seen.c.at
    first, last = func.min(of, type_=of.type).label("at"), func.max(of, type_=of.type).label("last_at")
    rows = select(literal("").label("key"), number.label("browsers")).add_columns(first, last)
    return rows.where(seen.c.video_id == video_id).having(number > 0)


def _sighting(row: Row[Any]) -> Json:
    words = "Seen in 1 browser" if row.browsers == 1 else f"Seen in {row.browsers} browsers"
    return _entry(row, "seen", words, {"browsers": row.browsers, "last_at": rfc3339(row.last_at)}) | {"id": None}


def _entry(row: Row[Any], kind: str, message: str, data: Json) -> Json:
    entry_id = f"{kind}-{row.key}"
    return {"id": entry_id, "at": rfc3339(row.at), "kind": kind, "state": None, "message": message, "data": data}


def _moment(at: Any) -> str | None:
    return rfc3339(at) if at else None


# What happens at one moment is told in this order: what somebody did, what came, what was tried, what it changed.
SOURCES = (
    Source(_people, _person, "audit:read"),
    Source(_deliveries, _delivery, "events:read"),
    Source(_attempts, _attempt, "jobs:read"),
    Source(_told, _committed),
    Source(_jobs, _job, "jobs:read", numbered=False),
    Source(_sightings, _sighting, numbered=False),
)

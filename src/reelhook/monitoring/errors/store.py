"""Writing errors down: a tally becomes a group, or goes into the one that is there."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, select, update

from reelhook import __version__
from reelhook.db import Tx
from reelhook.db.insert import insert_or_ignore
from reelhook.db.tables import error_groups, jobs
from reelhook.kit.ids import Ids
from reelhook.monitoring.errors.tally import SAMPLES, Key, Sample, Tally

ABOUT = ("event_id", "video_id", "job_id", "request", "request_id")


def write(tx: Tx, ids: Ids, batch: Mapping[Key, Tally]) -> None:
    """In the order of the keys: two processes that fail alike must not wait for each other."""
    about = _of_jobs(tx, batch)
    ordered = sorted(batch.items())
    for key, tally in ordered:
        insert_or_ignore(tx, error_groups, [_new(ids, key, tally)])
    for key, tally in ordered:
        _go_on(tx, ids, key, tally, about)


def _new(ids: Ids, key: Key, tally: Tally) -> dict[str, Any]:
    code, place = key
    new_id = ids.new()
    times = dict.fromkeys(("first_seen_at", "last_seen_at", "new_at"), tally.first_at)
    empty = {"message": "", "happened": 0, "came_back": 0, "version": __version__, "samples": []}
    return (
        {"id": new_id, "last_id": new_id, "code": code, "place": place, "unexpected": tally.unexpected} | times | empty
    )


def _go_on(tx: Tx, ids: Ids, key: Key, tally: Tally, about: Mapping[str, Sample]) -> None:
    code, place = key
    mine = select(error_groups).where(error_groups.c.code == code, error_groups.c.place == place)
    row = tx.execute(mine.with_for_update()).one()
    samples = [_sample(one, about) for one in tally.samples]
    values: dict[str, Any] = {
        "last_id": ids.new(),
        "message": samples[0]["message"],
        "happened": row.happened + tally.count,
        "first_seen_at": min(row.first_seen_at, tally.first_at),
        "last_seen_at": max(row.last_seen_at, tally.last_at),
        "version": __version__,
        "samples": (samples + row.samples)[:SAMPLES],
    }
    if tally.traceback is not None:
        values["traceback"] = tally.traceback
    tx.execute(update(error_groups).where(error_groups.c.id == row.id).values(**values | _back(row, tally)))


def _back(row: Row[Any], tally: Tally) -> dict[str, Any]:
    """What was resolved and happened again after that is open again."""
    if row.resolved_at is None or tally.last_at <= row.resolved_at:
        return {}
    return {"resolved_at": None, "resolved_by": None, "came_back": row.came_back + 1, "new_at": tally.last_at}


def _of_jobs(tx: Tx, batch: Mapping[Key, Tally]) -> dict[str, Sample]:
    """What the jobs among them were about, by the jobs' ids."""
    wanted = {one["job_id"] for tally in batch.values() for one in tally.samples if one.get("job_id")}
    if not wanted:
        return {}
    rows = tx.execute(select(jobs.c.id, jobs.c.video_id, jobs.c.payload).where(jobs.c.id.in_(sorted(wanted))))
    return {row.id: {"video_id": row.video_id, "event_id": _event(row.payload)} for row in rows}


def _event(payload: Any) -> str | None:
    """The one event that a job is about; of a job for many, each that fails is named by itself."""
    if not isinstance(payload, dict):  # another version's
        return None
    many = payload.get("event_ids") or [payload.get("event_id")]
    return many[0] if len(many) == 1 else None


def _sample(one: Sample, about: Mapping[str, Sample]) -> Sample:
    of_job = about.get(one.get("job_id") or "", {})
    return {"at": one["at"], "message": one["message"]} | {name: one.get(name) or of_job.get(name) for name in ABOUT}

"""`GET /api/v1/keeping`: what is kept how long, how much there is of it now, and when it was last swept."""

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from sqlalchemy import Connection, Table, func, literal, select

from reelhook import metrics
from reelhook.auth import requires
from reelhook.db import Database
from reelhook.db.tables import (
    audit,
    error_groups,
    event_keys,
    events,
    incidents,
    jobs,
    notifications,
    outgoing_messages,
    rejections,
    stream,
    timeline,
)
from reelhook.jobs.kinds import Prune
from reelhook.kit.times import Time
from reelhook.settings import PREFIX, Settings

PRUNED = "reelhook_pruned_rows_total"
COUNTED_TO = 100_000  # beyond it a page needs no exact number, and a database much time
# What an operator decides about each: the settings, by their fields.
KEPT: tuple[tuple[Table, tuple[str, ...]], ...] = (
    (events, ("event_days", "most_events")),
    (event_keys, ("dedup_days",)),
    (rejections, ("rejection_days", "most_rejections")),
    (timeline, ("timeline_days",)),
    (stream, ("stream_days", "most_updates")),
    (outgoing_messages, ("outgoing_days",)),
    (notifications, ("notification_days",)),
    (incidents, ("incident_days",)),
    (error_groups, ("error_days",)),
    (jobs, ("job_days",)),
    (audit, ("audit_days",)),
)


class Setting(BaseModel):
    name: str
    value: float


class Kept(BaseModel):
    """*more*: there are more rows than were counted. *removed*: rows that have been swept since the start, by this
    process and those that share its address."""

    table: str
    rows: int
    more: bool
    settings: list[Setting]
    removed: int


class Keeping(BaseModel):
    """*swept_at*: when a sweep was last finished, by whichever process."""

    data: list[Kept]
    swept_at: Time | None


def router(config: Settings, db: Database) -> APIRouter:
    """The route, given the settings."""
    routes = APIRouter(prefix="/api/v1/keeping", tags=["operations"], dependencies=[Depends(requires("settings"))])

    @routes.get("")
    async def keeping() -> Keeping:
        """Settings decide; what is in the database is counted as far as 100,000 rows of a table."""
        return await db.read(lambda conn: _keeping(conn, config))

    return routes


def _keeping(conn: Connection, config: Settings) -> Keeping:
    removed = _removed()
    finished = select(jobs.c.finished_at).where(jobs.c.kind == Prune.kind, jobs.c.state == "done")
    swept_at = conn.execute(finished.order_by(jobs.c.id.desc()).limit(1)).scalar()
    data = [_kept(conn, config, table, fields, removed.get(table.name, 0)) for table, fields in KEPT]
    return Keeping(data=data, swept_at=swept_at)


def _kept(conn: Connection, config: Settings, table: Table, fields: tuple[str, ...], removed: int) -> Kept:
    some = select(literal(1)).select_from(table).limit(COUNTED_TO + 1).subquery()
    rows = int(conn.execute(select(func.count()).select_from(some)).scalar_one())
    settings = [Setting(name=PREFIX + field.upper(), value=getattr(config, field)) for field in fields]
    return Kept(
        table=table.name, rows=min(rows, COUNTED_TO), more=rows > COUNTED_TO, settings=settings, removed=removed
    )


def _removed() -> dict[str, int]:
    samples = (sample for metric in metrics.registry().collect() for sample in metric.samples)
    return {one.labels["table"]: int(one.value) for one in samples if one.name == PRUNED}

"""What is counted in the database when somebody asks: four queries, each along an index and bounded."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from prometheus_client.metrics_core import Metric
from sqlalchemy import Connection, Select, func, select, text, union_all

from reelhook import logs, metrics
from reelhook.db import Database
from reelhook.db.tables import assets, events, incidents, jobs
from reelhook.errors import DatabaseUnavailable
from reelhook.jobs.kinds import KINDS
from reelhook.kit.clock import Clock
from reelhook.monitoring.reading import DEAD, LINKS_AHEAD, LINKS_BACK, NEWEST, PENDING, RUNNING, WAITING
from reelhook.videos.counting import counted

LIMIT_S = 3.0  # a scraper waits ten seconds, and there is more to tell than this
CAP = 10_000  # most rows that one count looks at
JOB_STATES = ("available", "retryable", "running")
VIDEO_STATES = ("requested", "rendering", "rendered", "archiving", "unarchived")
NOT_RESOLVED = text("incidents.resolved_at IS NULL")

log = logs.get("monitoring")
Values = Mapping[tuple[str, ...], float]


@dataclass(frozen=True, slots=True)
class Gauges:
    """Reads them. While the database does not answer, all that is told is that it does not."""

    db: Database
    clock: Clock

    async def families(self) -> list[Metric]:
        """The gauges as a scrape shows them."""
        try:
            found = await self.db.read(lambda conn: list(read(conn, self.clock.now())), limit_s=LIMIT_S)
        except DatabaseUnavailable as error:
            log.warning("gauges.missing", error=error.message)
            return [metrics.GAUGES_UP.family({(): 0})]
        return [metrics.GAUGES_UP.family({(): 1}), *(which.family(values) for which, values in found)]


def read(conn: Connection, now: datetime) -> Iterator[tuple[metrics.Shared, Values]]:
    """Each gauge with its values."""
    yield from _jobs(conn, now)
    yield metrics.OPEN_VIDEOS, _videos(conn)
    yield metrics.OPEN_INCIDENTS, _incidents(conn)
    yield from _moments(conn, now)


def _jobs(conn: Connection, now: datetime) -> Iterator[tuple[metrics.Shared, Values]]:
    """What waits, in the order in which it will be taken, and what runs."""
    columns = jobs.c.kind, jobs.c.state, jobs.c.run_at
    waiting = select(*columns).where(WAITING).order_by(jobs.c.deadline, jobs.c.run_at, jobs.c.id).limit(CAP)
    running = select(*columns).where(RUNNING).limit(CAP)
    open_ = _together(waiting, running)
    due = func.min(open_.c.run_at).filter(open_.c.state != "running")
    counted = select(open_.c.kind, open_.c.state, func.count(), due).group_by(open_.c.kind, open_.c.state)
    rows = conn.execute(counted).all()
    nothing = {(kind, state): 0.0 for kind in sorted(KINDS) for state in JOB_STATES}
    yield metrics.OPEN_JOBS, nothing | {(kind, state): number for kind, state, number, _ in rows}
    waits = [(now - since).total_seconds() for *_, since in rows if since is not None]
    yield metrics.BACKLOG_SECONDS, {(): max([0.0, *waits])}


def _videos(conn: Connection) -> Values:
    """Those that are ready or have failed are too many to be counted each time: `reelhook_transitions_total`."""
    return {(state,): float(number) for state, number in counted(conn, VIDEO_STATES, CAP).items()}


def _incidents(conn: Connection) -> Values:
    """A handful: for each thing that a rule looks at there is one at most."""
    table = incidents.c
    counted = select(table.rule, table.severity, func.count()).where(NOT_RESOLVED, table.drill.is_(False))
    return {
        (rule, severity): number
        for rule, severity, number in conn.execute(counted.group_by(table.rule, table.severity))
    }


def _moments(conn: Connection, now: datetime) -> Iterator[tuple[metrics.Shared, Values]]:
    dead = _number(select(jobs.c.id).where(DEAD))
    dies = assets.c.link_expires_at
    dying = select(assets.c.id).where(
        PENDING, assets.c.role == "video", dies >= now - LINKS_BACK, dies < now + LINKS_AHEAD
    )
    newest = select(events.c.received_at, events.c.source).order_by(events.c.id.desc()).limit(NEWEST).subquery()
    told = select(func.max(newest.c.received_at)).where(newest.c.source != "reconcile").scalar_subquery()
    row = conn.execute(select(dead, _number(dying), told)).one()
    yield metrics.DEAD_LETTERS, {(): row[0]}
    yield metrics.LINKS_EXPIRING, {(): row[1]}
    if row[2] is not None:
        yield metrics.RECEIPT_AGE_SECONDS, {(): max(0.0, (now - row[2]).total_seconds())}


def _together(*parts: Select[Any]) -> Any:
    """Each with its own limit, which SQLite takes only from a query around it."""
    return union_all(*(select(part.subquery()) for part in parts)).subquery()


def _number(rows: Select[Any]) -> Any:
    return select(func.count()).select_from(rows.limit(CAP).subquery()).scalar_subquery()

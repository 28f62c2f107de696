"""Reads a snapshot: each function is one query, bounded whatever the database holds."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Connection, Select, and_, func, literal_column, select, text

from reelhook.db.tables import (
    assets,
    error_groups,
    events,
    job_attempts,
    jobs,
    leases,
    reconciliations,
    rejection_counts,
    store_limits,
    subscription_endpoints,
    videos,
    webhook_secrets,
)
from reelhook.jobs.spare import KINDS as TELLING
from reelhook.kit.ids import Ids
from reelhook.monitoring.processes import running
from reelhook.monitoring.snapshot import Around, DisabledEndpoint, OpenError, Snapshot, StoreLimit, UsedSecret

CAP = 10_000  # most rows that one count looks at
NEWEST = 1_000  # where only the newest are looked at
ENDED_WITHIN = timedelta(hours=3)
RENDERING_FROM, RENDERING_TO = timedelta(minutes=30), timedelta(hours=24)
ATTEMPTS_WITHIN = timedelta(minutes=30)
LINKS_AHEAD, LINKS_BACK = timedelta(hours=1), timedelta(hours=24)
SECRETS_WITHIN = timedelta(hours=1)
ERRORS_WITHIN = timedelta(hours=24)
MOST_ERRORS = 20  # each may open an incident
MISSED_WITHIN = timedelta(hours=24)
# What we refused though nothing was wrong with the request.
OUR_OWN = ("database_unavailable", "service_limit", "secret_changing")
RECONCILES = ("reconcile_videos", "reconcile_history")
# Written out, not bound: SQLite uses a partial index only when it sees that the condition implies the index's.
WAITING = text("(jobs.state = 'available' OR jobs.state = 'retryable')")
OPEN = text("jobs.state IN ('available', 'retryable', 'running')")
RUNNING = text("jobs.state = 'running'")
DEAD = text("jobs.state = 'dead' AND jobs.discarded_reason IS NULL")
PENDING = text("assets.state = 'pending'")

Found = dict[str, Any]


def read(conn: Connection, now: datetime, around: Around) -> Snapshot:
    """The snapshot of this moment."""
    found: Found = {}
    for part in (_ended, _refused, _rendering, _webhook, due, _workers, _dead, _archived, _links, _missed, _received):
        found |= part(conn, now)
    return Snapshot(
        at=now,
        around=around,
        processes=running(conn, now),
        reconcile_since=_reconcile_since(conn, now) if around.asks else None,
        used_secrets=_used_secrets(conn, now),
        disabled_endpoints=_disabled_endpoints(conn),
        store_limits=_store_limits(conn),
        open_errors=_open_errors(conn, now),
        **found,
    )


def _ended(conn: Connection, now: datetime) -> Found:
    """Of the videos that were asked for lately: how many came, and how many failed."""
    recent = videos.c.id >= Ids.first_at(now - ENDED_WITHIN)
    came = videos.c.state.in_(("rendered", "archiving", "ready", "unarchived"))
    query = select(_number(select(videos.c.id).where(came, recent)).label("succeeded"))
    return _row(
        conn, query.add_columns(_number(select(videos.c.id).where(videos.c.state == "failed", recent)).label("failed"))
    )


def _refused(conn: Connection, now: datetime) -> Found:
    """In this hour and the one before."""
    hour = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    counts = rejection_counts.c
    total = func.coalesce(func.sum(counts.refused), 0).label("refused")
    return _row(conn, select(total).where(counts.hour >= hour, counts.reason.not_in(OUR_OWN)))


def _rendering(conn: Connection, now: datetime) -> Found:
    """The videos that HeyGen has had for longer than renders take, but not for so long that it forgot them."""
    span = and_(
        videos.c.id >= Ids.first_at(now - RENDERING_TO),
        videos.c.id < Ids.first_at(now - RENDERING_FROM),
        videos.c.heygen_video_id.is_not(None),
    )
    open_ = (
        select(videos.c.created_at).where(videos.c.state.in_(("requested", "rendering")), span).limit(CAP).subquery()
    )
    return _row(
        conn,
        select(func.count().label("rendering"), func.min(open_.c.created_at).label("rendering_since")).select_from(
            open_
        ),
    )


def _webhook(conn: Connection, now: datetime) -> Found:
    """When HeyGen told us something last; None when none of the newest events came from it."""
    newest = select(events.c.received_at, events.c.source).order_by(events.c.id.desc()).limit(NEWEST).subquery()
    return _row(conn, select(func.max(newest.c.received_at).label("webhook_at")).where(newest.c.source != "reconcile"))


def due(conn: Connection, now: datetime) -> Found:
    """Among the first in the order of work."""
    first = (
        select(jobs.c.run_at).where(WAITING).order_by(jobs.c.deadline, jobs.c.run_at, jobs.c.id).limit(CAP).subquery()
    )
    return _row(
        conn,
        select(func.count().label("due"), func.min(first.c.run_at).label("due_since"))
        .select_from(first)
        .where(first.c.run_at <= now),
    )


def _workers(conn: Connection, now: datetime) -> Found:
    """Whether somebody works, or did lately. Telling does not count: where there is no worker, others do that."""
    work = jobs.c.kind.not_in(TELLING)
    held = select(jobs.c.id).where(RUNNING, jobs.c.lease_until > now, work).limit(1)
    tried = job_attempts.c
    newest = select(tried.job_id, tried.ended_at).where(
        tried.id > select(func.max(tried.id) - NEWEST).scalar_subquery()
    )
    known = newest.subquery()
    last = select(func.max(known.c.ended_at)).select_from(known.join(jobs, and_(jobs.c.id == known.c.job_id, work)))
    found = _row(conn, select(_number(held).label("running"), last.scalar_subquery().label("attempt_at")))
    return found | {"running": bool(found["running"])}


def _dead(conn: Connection, now: datetime) -> Found:
    return _row(conn, select(_number(select(jobs.c.id).where(DEAD)).label("dead")))


def _archived(conn: Connection, now: datetime) -> Found:
    """How the newest attempts at archiving went. What was put off counts for neither."""
    tried = job_attempts.c
    newest = (
        select(tried.job_id, tried.outcome)
        .where(tried.ended_at >= now - ATTEMPTS_WITHIN)
        .where(tried.id > select(func.max(tried.id) - NEWEST).scalar_subquery())
        .subquery()
    )
    good = func.count(literal_column("1")).filter(newest.c.outcome == "done").label("archived")
    bad = func.count(literal_column("1")).filter(newest.c.outcome.in_(("retryable", "dead"))).label("not_archived")
    of_archive = and_(jobs.c.id == newest.c.job_id, jobs.c.kind == "archive_asset")
    return _row(conn, select(good, bad).select_from(newest.join(jobs, of_archive)))


def _links(conn: Connection, now: datetime) -> Found:
    """The main files that are not stored though their link dies soon, or just did."""
    dies = assets.c.link_expires_at
    soon = select(dies).where(PENDING, assets.c.role == "video", dies >= now - LINKS_BACK, dies < now + LINKS_AHEAD)
    dying = soon.limit(CAP).subquery()
    first = func.min(dying.c.link_expires_at).label("link_dies_at")
    return _row(conn, select(func.count().label("links_dying"), first).select_from(dying))


def _missed(conn: Connection, now: datetime) -> Found:
    """What reconciliation had to find; it keeps no more than its newest runs."""
    runs = reconciliations.c
    found = func.coalesce(func.sum(runs.found), 0).label("missed")
    newest = runs.id > select(func.max(runs.id) - NEWEST).scalar_subquery()
    return _row(conn, select(found).where(newest, runs.started_at >= now - MISSED_WITHIN, runs.kind != "stores"))


def _received(conn: Connection, now: datetime) -> Found:
    recent = select(events.c.id).where(events.c.id >= Ids.first_at(now - MISSED_WITHIN))
    return _row(conn, select(_number(recent).label("received")))


def _reconcile_since(conn: Connection, now: datetime) -> datetime | None:
    """Since when a run waits to end, or to be begun at all; None: they come round as they should."""
    waits = select(func.min(jobs.c.created_at)).where(OPEN, jobs.c.unique_key.in_(RECONCILES))
    due = select(func.min(leases.c.until)).where(leases.c.name.in_(RECONCILES), leases.c.until < now)
    found = conn.execute(select(waits.scalar_subquery(), due.scalar_subquery())).one()
    return min((moment for moment in found if moment is not None), default=None)


def _used_secrets(conn: Connection, now: datetime) -> tuple[UsedSecret, ...]:
    """A handful of rows: one for each rotation."""
    table = webhook_secrets.c
    used = select(table.fingerprint, table.retired_at).where(
        table.retired_at.is_not(None), table.last_used_at >= now - SECRETS_WITHIN
    )
    rows = conn.execute(used.order_by(table.fingerprint).limit(NEWEST))
    return tuple(UsedSecret(row.fingerprint[:12], row.retired_at <= now) for row in rows)


def _disabled_endpoints(conn: Connection) -> tuple[DisabledEndpoint, ...]:
    """There are fifty endpoints at most."""
    table = subscription_endpoints.c
    rows = conn.execute(select(table.id, table.url, table.reason).where(table.state == "disabled").order_by(table.id))
    return tuple(DisabledEndpoint(row.id, urlsplit(row.url).hostname or "?", row.reason or "") for row in rows)


def _store_limits(conn: Connection) -> tuple[StoreLimit, ...]:
    """There is one row for each store that tells."""
    table = store_limits.c
    rows = conn.execute(select(table.store, table.of, table.percent).order_by(table.store))
    return tuple(StoreLimit(row.store, row.of, row.percent) for row in rows)


def _open_errors(conn: Connection, now: datetime) -> tuple[OpenError, ...]:
    """Those that happened lately, the latest first."""
    table = error_groups.c
    lately = table.last_id >= Ids.first_at(now - ERRORS_WITHIN)
    columns = (table.id, table.code, table.place, table.happened, table.new_at)
    mine = select(*columns).where(lately, table.unexpected, table.resolved_at.is_(None))
    rows = conn.execute(mine.order_by(table.last_id.desc()).limit(MOST_ERRORS))
    return tuple(OpenError(row.id, row.code, row.place, row.happened, row.new_at) for row in rows)


def _number(rows: Select[Any]) -> ColumnElement[int]:
    """How many *rows* there are, up to the cap."""
    return select(func.count()).select_from(rows.limit(CAP).subquery()).scalar_subquery()


def _row(conn: Connection, query: Select[*tuple[Any, ...]]) -> Found:
    return dict(conn.execute(query).one()._mapping)

"""`GET /api/v1/processes`: which processes run, and how each of them is."""

from typing import Any

from fastapi import APIRouter, Depends

from reelhook.auth import requires
from reelhook.db import Database
from reelhook.db.outages import Outage
from reelhook.jobs.destinations import Destination
from reelhook.kit.clock import Clock
from reelhook.kit.times import rfc3339
from reelhook.monitoring.processes import Process, listed
from reelhook.monitoring.readiness import Lack


def router(db: Database, clock: Clock) -> APIRouter:
    """The route, given the database that the processes share."""
    routes = APIRouter(prefix="/api/v1/processes", tags=["operations"])

    @routes.get("", dependencies=[Depends(requires("monitoring:read"))])
    async def list_processes() -> dict[str, Any]:
        """Every process that serves or works, the oldest first; one that died without a word is listed for an hour."""
        found = await db.read(lambda conn: listed(conn, clock.now()))
        return {"data": [_shown(one) for one in found]}

    return routes


def _shown(one: Process) -> dict[str, Any]:
    return {
        "id": one.id,
        "host": one.host,
        "pid": one.pid,
        "roles": one.roles,
        "version": one.version,
        "state": one.state,
        "started_at": rfc3339(one.started_at),
        "seen_at": rfc3339(one.seen_at),
        "streams": one.streams,
        "streams_opened": one.streams_opened,
        "loop_lag_s": round(one.loop_lag_s, 3),
        "clock_skew_s": round(one.clock_skew_s, 3),
        "lacks": [_lack(lack) for lack in one.lacks],
        "down": [_down(destination) for destination in one.destinations if destination.since is not None],
        "outage": one.outage and _outage(one.outage),
        "telemetry": one.telemetry,
    }


def _lack(lack: Lack) -> dict[str, Any]:
    return {"name": lack.name, "required": lack.required, "since": rfc3339(lack.since), "reason": lack.reason}


def _down(one: Destination) -> dict[str, Any]:
    assert one.since is not None
    return {"name": one.name, "since": rfc3339(one.since), "code": one.code, "reason": one.reason}


def _outage(one: Outage) -> dict[str, Any]:
    until = one.until and rfc3339(one.until)
    return {"since": rfc3339(one.since), "until": until, "failed": one.failed, "reason": one.reason}

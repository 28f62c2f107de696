"""`GET /api/v1/jobs/destinations`: what work depends on outside, and how that is."""

from typing import Any

from fastapi import APIRouter, Depends

from reelhook.auth import requires
from reelhook.jobs.destinations import Destination, Destinations
from reelhook.kit.times import rfc3339


def router(destinations: Destinations) -> APIRouter:
    """The route, given the destinations of this process."""
    routes = APIRouter(prefix="/api/v1/jobs", tags=["jobs"], dependencies=[Depends(requires("jobs:read"))])

    @routes.get("/destinations")
    async def list_destinations() -> dict[str, Any]:
        """Every destination that this process has reached for; while one is open, work waits for it."""
        return {"data": [_shown(one) for one in destinations.all()]}

    return routes


def _shown(one: Destination) -> dict[str, Any]:
    return {
        "name": one.name,
        "state": one.state,
        "since": rfc3339(one.since) if one.since else None,
        "retry_at": rfc3339(one.retry_at) if one.retry_at else None,
        "reason": one.reason,
    }

"""`/api/v1/objectives`: what the service promises, and how far it kept it."""

from typing import Any

from fastapi import APIRouter, Depends

from reelhook.analytics.objectives import objectives
from reelhook.auth import requires
from reelhook.db import Database
from reelhook.kit.clock import Clock
from reelhook.kit.times import rfc3339


def router(db: Database, clock: Clock) -> APIRouter:
    """The route, which only reads."""
    routes = APIRouter(
        prefix="/api/v1/objectives", tags=["operations"], dependencies=[Depends(requires("monitoring:read"))]
    )

    @routes.get("")
    async def read() -> dict[str, Any]:
        """Each objective over the last 30 days, 7 days and day: how many were not kept, and what of its budget is
        left."""
        found = await db.read(lambda conn: objectives(conn, clock.now()))
        return found | {"until": rfc3339(found["until"])}

    return routes

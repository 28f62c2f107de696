"""`/healthz`, `/readyz`, `/metrics`."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import APIRouter, Depends, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from reelhook.auth import requires
from reelhook.errors import ReelhookError

# Raises a *ReelhookError* when the dependency cannot be used.
Check = Callable[[], Awaitable[None]]
Readiness = Mapping[str, Check]


def router(checks: Readiness) -> APIRouter:
    """The routes. *checks* is read at each request, so dependencies may be added after the start."""
    routes = APIRouter(tags=["operations"])

    @routes.get("/healthz")
    async def alive() -> dict[str, str]:
        """The process runs. It looks at nothing else, so a dependency that is away restarts nobody."""
        return {"status": "ok"}

    @routes.get("/readyz", responses={503: {"description": "A dependency is away; the answer names it."}})
    async def ready(response: Response) -> dict[str, Any]:
        """Whether this process can do its work, with the state of each dependency."""
        states = {name: await _state(check) for name, check in checks.items()}
        fine = all(state["ok"] for state in states.values())
        response.status_code = 200 if fine else 503
        return {"status": "ok" if fine else "unavailable", "dependencies": states}

    @routes.get("/metrics", dependencies=[Depends(requires("metrics"))])
    async def metrics() -> Response:
        """Everything counted and measured, for Prometheus."""
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return routes


async def _state(check: Check) -> dict[str, Any]:
    try:
        await check()
    except ReelhookError as error:
        return {"ok": False, "reason": error.message}
    return {"ok": True}

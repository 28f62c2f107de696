"""`/healthz`, `/readyz`."""

from typing import Any

from fastapi import APIRouter, Response

from reelhook.logs import mask
from reelhook.monitoring.pulse import Pulse
from reelhook.monitoring.readiness import Readiness


def router(pulse: Pulse, readiness: Readiness) -> APIRouter:
    """The routes: *pulse* says whether the process lives, *readiness* whether requests should come to it."""
    routes = APIRouter(tags=["operations"])

    @routes.get("/healthz", responses={503: {"description": "Beyond hope for a minute, and why: restart it."}})
    async def alive(response: Response) -> dict[str, str]:
        """The process lives. It looks at nothing outside, so a dependency that is away restarts nobody."""
        trouble = pulse.trouble()
        if trouble is None:
            return {"status": "ok"}
        response.status_code = 503
        return {"status": "failing", "reason": mask(trouble)}

    @routes.get("/readyz", responses={503: {"description": "Draining, or without a dependency it names."}})
    async def ready(response: Response) -> dict[str, Any]:
        """Whether this process should get requests, with the state of each dependency. One look counts for a second."""
        ok, told = await readiness.told()
        response.status_code = 200 if ok else 503
        return told

    return routes

"""`/healthz`, `/readyz`."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Response

from reelhook.errors import ReelhookError
from reelhook.logs import mask

# Raises a *ReelhookError* when the dependency cannot be used.
Check = Callable[[], Awaitable[None]]
CHECK_LIMIT_S = 3.0


@dataclass(frozen=True, slots=True)
class Dependency:
    """Something the process leans on. One that is not *required* costs time while it is away, and nothing else."""

    check: Check
    required: bool = True
    limit_s: float = CHECK_LIMIT_S


@dataclass(frozen=True, slots=True)
class Readiness:
    """What decides whether this process should get requests. While it is *draining*, others should."""

    dependencies: Mapping[str, Dependency]
    draining: Callable[[], bool] = lambda: False


def router(readiness: Readiness) -> APIRouter:
    """The routes. *readiness* is looked at with each request."""
    routes = APIRouter(tags=["operations"])

    @routes.get("/healthz")
    async def alive() -> dict[str, str]:
        """The process runs. It looks at nothing else, so a dependency that is away restarts nobody."""
        return {"status": "ok"}

    @routes.get("/readyz", responses={503: {"description": "Draining, or without a dependency it names."}})
    async def ready(response: Response) -> dict[str, Any]:
        """Whether this process should get requests, with the state of each dependency."""
        found = await asyncio.gather(*map(_state, readiness.dependencies.values()))
        lacks = any(state["required"] and not state["ok"] for state in found)
        status = "draining" if readiness.draining() else "unavailable" if lacks else "ok"
        response.status_code = 200 if status == "ok" else 503
        return {"status": status, "dependencies": dict(zip(readiness.dependencies, found, strict=True))}

    return routes


async def _state(it: Dependency) -> dict[str, Any]:
    try:
        async with asyncio.timeout(it.limit_s):
            await it.check()
    except ReelhookError as error:
        return {"ok": False, "required": it.required, "reason": mask(error.message)}
    except TimeoutError:
        return {"ok": False, "required": it.required, "reason": f"no answer within {it.limit_s:g} s"}
    return {"ok": True, "required": it.required}

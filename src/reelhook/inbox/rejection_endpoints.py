"""`/api/v1/rejections`: what was refused and why."""

from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BeforeValidator

from reelhook.auth import requires
from reelhook.db import Database
from reelhook.errors import WrongInput
from reelhook.inbox import refused
from reelhook.inbox.refused import Which
from reelhook.kit.addresses import Network
from reelhook.kit.clock import Clock
from reelhook.kit.pages import Page, page
from reelhook.kit.times import GivenTime

At = Annotated[Page, Depends(page)]
LONGEST_WINDOW = timedelta(days=31)
USUAL_WINDOW = timedelta(days=1)
LIMIT_S = 15.0  # a network is looked for among all that is kept


def _network(text: object) -> Network:
    try:
        return ip_network(str(text).strip(), strict=False)
    except ValueError:
        raise ValueError("must be an address or a network, like 192.0.2.7 or 192.0.2.0/24") from None


GivenNetwork = Annotated[Network, BeforeValidator(_network)]


def chosen(
    reason: str | None = None,
    endpoint: str | None = None,
    since: GivenTime | None = None,
    until: GivenTime | None = None,
    remote: Annotated[GivenNetwork | None, Query(description="An address, or a network like 192.0.2.0/24.")] = None,
) -> Which:
    """A dependency: the rejections that the query's parameters mean."""
    return Which(reason=reason, endpoint=endpoint, since=since, until=until, network=remote)


def router(db: Database, clock: Clock) -> APIRouter:
    """The routes."""
    readers = [Depends(requires("rejections:read"))]
    routes = APIRouter(prefix="/api/v1/rejections", tags=["rejections"], dependencies=readers)

    @routes.get("")
    async def list_rejections(at: At, which: Annotated[Which, Depends(chosen)]) -> dict[str, Any]:
        """What was refused and why, newest first. In a flood it is a sample; `counts` has the numbers."""
        return await db.read(lambda conn: refused.listing(conn, at, which), limit_s=LIMIT_S)

    @routes.get("/counts")
    async def counts(since: GivenTime | None = None, until: GivenTime | None = None) -> dict[str, Any]:
        """How many were refused in each hour, by door and reason, and of how many a row was kept. Usual: a day."""
        start, end = _window(since, until, clock.now())
        return await db.read(lambda conn: refused.counts(conn, start, end))

    @routes.get("/{rejection_id}")
    async def rejection(rejection_id: str) -> dict[str, Any]:
        """One rejection: headers, exact body as far as it was kept, the diagnosis, and what to do."""
        return await db.read(lambda conn: refused.detail(conn, rejection_id))

    return routes


def _window(since: datetime | None, until: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    end = until or now
    start = since or end - USUAL_WINDOW
    if not timedelta(0) <= end - start <= LONGEST_WINDOW:
        raise WrongInput(f"since must be before until, and at most {LONGEST_WINDOW.days} days before it")
    return start, end

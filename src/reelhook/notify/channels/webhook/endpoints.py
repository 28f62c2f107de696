"""`/api/v1/subscription-endpoints`: where messages go, and how each of them fared."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AfterValidator, Field, StringConstraints, model_validator

from reelhook.auth import Principal, requires
from reelhook.auth.shapes import Body, Subject
from reelhook.auth.site import Site
from reelhook.db import Database
from reelhook.kit.pages import Page, page
from reelhook.kit.text import storable
from reelhook.kit.times import GivenTime
from reelhook.notify.channels.webhook import queries
from reelhook.notify.channels.webhook.subscriptions import Caller, Subscriptions
from reelhook.notify.channels.webhook.types import known
from reelhook.notify.channels.webhook.urls import MOST_URL

LONGEST_OVERLAP_H = 168  # a week
USUAL_OVERLAP_H = 24
State = Literal["pending", "delivered", "failed", "discarded"]
Reader = Depends(requires("subscriptions:read"))
At = Annotated[Page, Depends(page)]
# As it can be looked for: Postgres refuses some characters that a client may send.
Id = Annotated[str, AfterValidator(storable)]

Url = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_URL)]
Types = Annotated[list[Annotated[str, AfterValidator(known)]], Field(min_length=1, max_length=50)]


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be one line of printable characters")
    return text


Description = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(_one_line)]


class NewEndpoint(Body):
    """*types* left out: all of them. *subject*: only what is about this owner's videos."""

    url: Url
    description: Description = ""
    types: Types | None = None
    subject: Subject | None = None


class Changes(Body):
    """What may be changed; what is left out stays. `paused: false` also lets a disabled endpoint go on."""

    url: Url | None = None
    description: Description | None = None
    types: Types | None = None
    subject: Subject | None = None
    paused: bool | None = None

    @model_validator(mode="after")
    def _said(self) -> "Changes":
        for name in ("url", "description", "paused"):
            if name in self.model_fields_set and getattr(self, name) is None:
                raise ValueError(f"{name} must not be null; leave it out to keep it")
        return self


class Rotation(Body):
    overlap_h: Annotated[float, Field(ge=0, le=LONGEST_OVERLAP_H, strict=False)] = USUAL_OVERLAP_H


class Replay(Body):
    """Which deliveries: those that failed, or all that are over; made at *since* or later, and before *until*."""

    failed_only: bool = True
    since: GivenTime | None = None
    until: GivenTime | None = None

    @model_validator(mode="after")
    def _narrowed(self) -> "Replay":
        if not self.failed_only and self.since is None:
            raise ValueError("give since: replaying all that was ever sent is never meant")
        if self.since and self.until and self.since >= self.until:
            raise ValueError("since must be before until")
        return self

    @property
    def states(self) -> tuple[str, ...]:
        return ("failed",) if self.failed_only else ("delivered", "failed", "discarded")


def router(db: Database, subscriptions: Subscriptions, site: Site) -> APIRouter:
    """The routes, given the services they use."""
    routes = APIRouter(prefix="/api/v1/subscription-endpoints", tags=["subscriptions"])

    def writer(request: Request, by: Annotated[Principal, Depends(requires("subscriptions:write"))]) -> Caller:
        return Caller(by, site.remote(request.scope))

    Writer = Annotated[Caller, Depends(writer)]  # noqa: N806 - a type, though it needs the site

    @routes.get("", dependencies=[Reader])
    async def list_endpoints(at: At) -> dict[str, Any]:
        """Endpoints, newest first; never their secrets."""
        return await db.read(lambda conn: queries.listing(conn, at))

    @routes.post("", status_code=201)
    async def create(new: NewEndpoint, by: Writer) -> dict[str, Any]:
        """A new endpoint. `secret` is shown in this answer and never again."""
        shown, secret = await subscriptions.create(by, **new.model_dump())
        return shown | {"secret": secret}

    @routes.get("/{endpoint_id}", dependencies=[Reader])
    async def endpoint(endpoint_id: Id) -> dict[str, Any]:
        """One endpoint."""
        return await db.read(lambda conn: queries.endpoint(conn, endpoint_id))

    @routes.patch("/{endpoint_id}")
    async def change(endpoint_id: Id, changes: Changes, by: Writer) -> dict[str, Any]:
        """Change, pause or resume an endpoint. What came while it was paused is sent then."""
        return await subscriptions.change(by, endpoint_id, changes.model_dump(exclude_unset=True))

    @routes.delete("/{endpoint_id}", status_code=204)
    async def delete(endpoint_id: Id, by: Writer) -> Response:
        """Delete an endpoint with its secrets and the story of its deliveries."""
        await subscriptions.delete(by, endpoint_id)
        return Response(status_code=204)

    @routes.post("/{endpoint_id}/rotate-secret")
    async def rotate(endpoint_id: Id, wanted: Rotation, by: Writer) -> dict[str, Any]:
        """A new secret, shown once. The one before signs along for `overlap_h` hours."""
        shown, secret = await subscriptions.rotate(by, endpoint_id, timedelta(hours=wanted.overlap_h))
        return shown | {"secret": secret}

    @routes.post("/{endpoint_id}/test")
    async def test(endpoint_id: Id, by: Writer) -> dict[str, Any]:
        """Send a `reelhook.test` message now, and tell what came back. It takes fifteen seconds at most."""
        return await subscriptions.test(by, endpoint_id)

    @routes.get("/{endpoint_id}/deliveries", dependencies=[Reader])
    async def list_deliveries(
        endpoint_id: Id,
        at: At,
        state: State | None = None,
        type: Annotated[Id | None, Query(max_length=200)] = None,
    ) -> dict[str, Any]:
        """What was sent, or is to be, newest first."""
        return await db.read(lambda conn: queries.deliveries_of(conn, endpoint_id, at, state, type))

    @routes.get("/{endpoint_id}/deliveries/{delivery_id}", dependencies=[Reader])
    async def delivery(endpoint_id: Id, delivery_id: Id) -> dict[str, Any]:
        """One delivery: the payload, and every attempt with what was answered."""
        return await db.read(lambda conn: queries.delivery(conn, endpoint_id, delivery_id))

    @routes.post("/{endpoint_id}/deliveries/{delivery_id}/replay", status_code=202)
    async def replay(endpoint_id: Id, delivery_id: Id, by: Writer) -> dict[str, Any]:
        """Send one message again, with the same webhook-id."""
        return await subscriptions.replay(by, endpoint_id, delivery_id)

    @routes.post("/{endpoint_id}/replay", status_code=202)
    async def replay_many(endpoint_id: Id, which: Replay, by: Writer) -> dict[str, int]:
        """Send again what failed, or all of a time, each with the same webhook-id as before."""
        number = await subscriptions.replay_many(by, endpoint_id, which.states, which.since, which.until)
        return {"deliveries": number}

    return routes

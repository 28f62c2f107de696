"""`/api/v1/webhook-endpoints`: the URLs that HeyGen calls, and the secrets with which it signs."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from reelhook.auth import Principal, requires
from reelhook.auth.shapes import Body, Shown
from reelhook.auth.site import Site
from reelhook.ingest.secret_stories import State
from reelhook.ingest.under_way import Kind
from reelhook.ingest.webhook_endpoints import Listed, WebhookEndpoints
from reelhook.kit.times import Time

MOST_OVERLAP_H = 24 * 365
Caller = Annotated[Principal, Depends(requires("settings"))]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class RegisterRequest(Body):
    url: Annotated[str, Field(max_length=2000)] | None = None
    events: Annotated[list[Name], Field(min_length=1, max_length=100)] | None = None


class RotateRequest(Body):
    overlap_h: Annotated[float, Field(ge=0, le=MOST_OVERLAP_H, allow_inf_nan=False)] | None = None


class ShownSecret(Shown):
    fingerprint: str
    source: str
    endpoint_id: str | None
    state: State
    in_settings: bool
    created_at: Time
    retires_at: Time | None
    uses: int
    last_used_at: Time | None


class ShownEndpoint(Shown):
    id: str
    url: str
    events: list[str] | None
    status: str
    created_at: Time | None


class ListedEndpoint(ShownEndpoint):
    ours: bool
    secrets: list[ShownSecret]


class ShownTest(Shown):
    arrived: bool
    said: str
    event_id: str | None


class ShownRegistration(Shown):
    endpoint: ShownEndpoint
    new: bool
    fingerprint: str
    test: ShownTest


class ShownRotation(Shown):
    endpoint_id: str
    fingerprint: str
    replaced: list[str]
    retires_at: Time
    undecided: list[str]


class ShownChange(Shown):
    kind: Kind
    target: str
    begun_at: Time


class Endpoints(BaseModel):
    data: list[ListedEndpoint]


class Secrets(BaseModel):
    data: list[ShownSecret]
    unfinished: list[ShownChange]


def router(endpoints: WebhookEndpoints, site: Site, overlap_h: float) -> APIRouter:
    """The routes. *overlap_h*: how long an old secret is taken when the request does not say."""
    routes = APIRouter(prefix="/api/v1", tags=["webhooks"])

    @routes.get("/webhook-endpoints", dependencies=[Depends(requires("settings"))])
    async def list_endpoints() -> Endpoints:
        """Every endpoint of the HeyGen account, with what is known here of its secrets."""
        return Endpoints(data=[_listed(one) for one in await endpoints.listed()])

    @routes.post("/webhook-endpoints", status_code=201, responses={200: {"description": "There already; tested again"}})
    async def register(body: RegisterRequest, request: Request, response: Response, by: Caller) -> ShownRegistration:
        """Register the front door at HeyGen, keep its secret, and send a signed test through the public address."""
        done = await endpoints.registration.register(by, site.remote(request.scope), body.url, body.events)
        response.status_code = 201 if done.new else 200
        return ShownRegistration.model_validate(done)

    @routes.post("/webhook-endpoints/{endpoint_id}/rotate-secret")
    async def rotate(
        endpoint_id: str, request: Request, by: Caller, body: RotateRequest | None = None
    ) -> ShownRotation:
        """A new secret, kept here and nowhere shown. The old one is taken for `overlap_h` hours more."""
        hours = overlap_h if body is None or body.overlap_h is None else body.overlap_h
        done = await endpoints.rotation.rotate(by, site.remote(request.scope), endpoint_id, timedelta(hours=hours))
        return ShownRotation.model_validate(done)

    @routes.get("/webhook-secrets", dependencies=[Depends(requires("settings"))])
    async def list_secrets() -> Secrets:
        """Every secret by its fingerprint, newest first, and the changes at HeyGen that were begun and not finished."""
        known = [ShownSecret.model_validate(one) for one in await endpoints.secrets()]
        return Secrets(data=known, unfinished=[ShownChange.model_validate(one) for one in endpoints.unfinished()])

    return routes


def _listed(one: Listed) -> ListedEndpoint:
    shown = ShownEndpoint.model_validate(one.endpoint).model_dump()
    return ListedEndpoint(**shown, ours=one.ours, secrets=[ShownSecret.model_validate(each) for each in one.secrets])

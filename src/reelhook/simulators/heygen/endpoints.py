"""`/v3/webhooks`: endpoints, event types, and the history of events."""

import secrets
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reelhook.simulators.control import json
from reelhook.simulators.heygen.account import Account
from reelhook.simulators.heygen.errors import invalid, not_found
from reelhook.simulators.heygen.events import EVENT_TYPES, describe
from reelhook.simulators.heygen.requests import body_of, check_fields, guarded, idempotent, page
from reelhook.simulators.heygen.webhooks import Endpoint

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class WebhookRoutes:
    """The routes by which a program manages its webhooks."""

    def __init__(self, account: Account) -> None:
        self._account, self._webhooks = account, account.webhooks

    def routes(self) -> list[Route]:
        account, base = self._account, "/v3/webhooks/endpoints"
        one = base + "/{id}"
        return [
            Route(base, guarded(account, idempotent(account, self.create)), methods=["POST"]),
            Route(base, guarded(account, self.list_all)),
            Route(one, guarded(account, idempotent(account, self.update)), methods=["PATCH"]),
            Route(one, guarded(account, self.delete), methods=["DELETE"]),
            Route(f"{one}/rotate-secret", guarded(account, idempotent(account, self.rotate)), methods=["POST"]),
            Route("/v3/webhooks/event-types", guarded(account, self.event_types)),
            Route("/v3/webhooks/events", guarded(account, self.events)),
        ]

    async def create(self, request: Request) -> Response:
        body = await body_of(request)
        check_fields(body, frozenset({"url", "events", "entity_id"}), ["url"])
        await self._check_url(body["url"])
        created_at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        endpoint = Endpoint(body["url"], _events(body), body.get("entity_id"), _secret(), created_at=created_at)
        self._webhooks.endpoints[endpoint.endpoint_id] = endpoint
        return json({"data": _told(endpoint, endpoint.secret)})

    async def list_all(self, request: Request) -> Response:
        return page(request, [*self._webhooks.endpoints.values()], _told)

    async def update(self, request: Request) -> Response:
        endpoint, body = self._find(request), await body_of(request)
        check_fields(body, frozenset({"url", "events"}), [])
        if body.get("url"):
            await self._check_url(body["url"])
            endpoint.url = body["url"]
        if "events" in body:
            endpoint.events = _events(body)
        return json({"data": _told(endpoint)})

    async def delete(self, request: Request) -> Response:
        endpoint = self._find(request)
        endpoint.deleted = True
        del self._webhooks.endpoints[endpoint.endpoint_id]
        return json({"data": {}})

    async def rotate(self, request: Request) -> Response:
        endpoint = self._find(request)
        endpoint.secret = _secret()
        endpoint.rotations += 1
        return json({"data": {"endpoint_id": endpoint.endpoint_id, "secret": endpoint.secret}})

    async def event_types(self, _: Request) -> Response:
        rows = [{"event_type": each, "description": describe(each)} for each in EVENT_TYPES]
        return json({"data": rows, "has_more": False, "next_token": None})

    async def events(self, request: Request) -> Response:
        """Newest first, whether or not a receiver took them (both assumptions)."""
        query = request.query_params
        kind, entity = query.get("event_type"), query.get("entity_id")
        rows = [
            event
            for event in reversed(self._webhooks.history)
            if kind in (None, event.type) and entity in (None, event.entity_id)
        ]
        return page(request, rows, lambda event: event.row(self._account.settings))

    def _find(self, request: Request) -> Endpoint:
        endpoint = self._webhooks.endpoints.get(request.path_params["id"])
        if endpoint is None:
            raise not_found("webhook", request.path_params["id"])
        return endpoint

    async def _check_url(self, url: object) -> None:
        settings, parts = self._account.settings, urlsplit(str(url))
        near = settings.plain_http == "loopback" and parts.hostname in LOOPBACK
        plain = parts.scheme == "http" and (near or settings.plain_http == "anywhere")
        if not parts.hostname or not (parts.scheme == "https" or plain):
            raise invalid("url must be a public HTTPS address", "url")
        if settings.probe_endpoints and not await self._webhooks.probe(str(url)):
            raise invalid("Webhook endpoint validation failed", "url")


def _events(body: dict[str, Any]) -> list[str] | None:
    """The event types asked for; None for all."""
    events: list[str] | None = body.get("events")
    for each in events or []:
        if each not in EVENT_TYPES:
            raise invalid(f"'{each}' is not an event type", "events")
    return events


def _secret() -> str:
    return f"whsec_{secrets.token_urlsafe(32)}"


def _told(endpoint: Endpoint, secret: str | None = None) -> dict[str, Any]:
    """An endpoint as the API shows it; the secret only once, at its creation."""
    return {
        "endpoint_id": endpoint.endpoint_id, "url": endpoint.url, "events": endpoint.events,
        "status": "enabled", "created_at": endpoint.created_at, "secret": secret,
    }  # fmt: skip

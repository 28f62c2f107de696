"""HeyGen's webhook endpoints, their secrets, and the history of what it delivered.

Source: developers.heygen.com/docs/webhooks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from reelhook.events.lenient import ident, mapping, objects, text
from reelhook.events.shapes import MOST_TYPE
from reelhook.events.signature import Secret
from reelhook.heygen.errors import HeyGenRefused, HeyGenUnavailable
from reelhook.heygen.transport import Transport, segment

PAGE = 100
MOST_PAGES = 100
ENDPOINTS = "/v3/webhooks/endpoints"


@dataclass(frozen=True)
class Endpoint:
    """A URL registered at HeyGen. *events*: None means all. *secret* is told once, when it is made."""

    id: str
    url: str
    events: tuple[str, ...] | None
    status: str
    created_at: datetime | None = None
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class PastEvent:
    """One row of HeyGen's history. Whether *event_id* is the one on the wire, or is there at all, is not known."""

    event_id: str | None
    event_type: str
    event_data: dict[str, Any]
    created_at: datetime | None


@dataclass(frozen=True)
class HistoryPage:
    """Some of the events HeyGen delivered; *next_token* gets the following page, None ends."""

    events: tuple[PastEvent, ...]
    next_token: str | None


class Webhooks(Transport):
    """The calls about webhooks. Each raises a *HeyGenError*."""

    async def list_endpoints(self) -> tuple[Endpoint, ...]:
        """Every endpoint of the account; secrets are not told again."""
        rows = await self._all("endpoints", ENDPOINTS, "list its webhook endpoints")
        return tuple(found for row in rows if (found := _endpoint(row)))

    async def create_endpoint(
        self, url: str, events: Sequence[str] | None = None, *, idempotency_key: str | None = None
    ) -> Endpoint:
        """Register *url* for *events* (None: all). The answer holds the secret, this once."""
        body = {"url": url, "events": None if events is None else list(events)}
        what = "register the webhook endpoint"
        answer = await self.call("create_endpoint", "POST", ENDPOINTS, what, body=body, idempotency_key=idempotency_key)
        return _needed(answer, what)

    async def update_endpoint(
        self, endpoint_id: str, *, url: str | None = None, events: Sequence[str] | None = None
    ) -> Endpoint:
        """Change what is given; *events* replaces the whole list."""
        body: dict[str, Any] = {"url": url} if url is not None else {}
        if events is not None:
            body["events"] = list(events)
        what = f"change the webhook endpoint {endpoint_id}"
        return _needed(await self.call("update_endpoint", "PATCH", _path(endpoint_id), what, body=body), what)

    async def delete_endpoint(self, endpoint_id: str) -> None:
        """Unregister it, for good."""
        what = f"delete the webhook endpoint {endpoint_id}"
        await self.call("delete_endpoint", "DELETE", _path(endpoint_id), what)

    async def rotate_secret(self, endpoint_id: str, *, idempotency_key: str | None = None) -> Secret:
        """A new secret for this endpoint, told once. The old one is dead when this returns."""
        what = f"rotate the secret of the webhook endpoint {endpoint_id}"
        path = f"{_path(endpoint_id)}/rotate-secret"
        answer = await self.call("rotate_secret", "POST", path, what, idempotency_key=idempotency_key)
        value = text(mapping(answer.get("data")).get("secret"))
        if value is None:
            raise HeyGenUnavailable(f"HeyGen was asked to {what}, but its answer holds no secret", heygen_status=200)
        return Secret(endpoint_id, value)

    async def event_types(self) -> dict[str, str]:
        """Every event HeyGen can send now, and what it says about it."""
        rows = await self._all("event_types", "/v3/webhooks/event-types", "list its event types")
        named = ((text(row.get("event_type")), text(row.get("description")) or "") for row in rows)
        return {name: description for name, description in named if name}

    async def history(
        self,
        token: str | None = None,
        *,
        event_type: str | None = None,
        entity_id: str | None = None,
        limit: int = PAGE,
    ) -> HistoryPage:
        """One page of what HeyGen delivered. Its order and how far back it reaches are not documented."""
        query = {"event_type": event_type, "entity_id": entity_id, "limit": limit, "token": token}
        answer = await self.call("history", "GET", "/v3/webhooks/events", "show its webhook history", query=query)
        rows = objects(answer.get("data"))
        return HistoryPage(tuple(found for row in rows if (found := _past_event(row))), following(answer))

    async def check(self) -> None:
        """Whether HeyGen is there and lets this key manage webhooks; nothing is changed."""
        await self.call("endpoints", "GET", ENDPOINTS, "list its webhook endpoints", query={"limit": 1})

    async def _all(self, name: str, path: str, what: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        token: str | None = None
        for _ in range(MOST_PAGES):
            answer = await self.call(name, "GET", path, what, query={"limit": PAGE, "token": token})
            rows += objects(answer.get("data"))
            token = following(answer)
            if token is None:
                return rows
        raise HeyGenUnavailable(f"HeyGen was asked to {what}, but there was no end after {MOST_PAGES} pages")


def following(answer: Mapping[str, Any]) -> str | None:
    """The token of the next page of any list, None at its end. Paging stands beside `data`, not in it."""
    return text(answer.get("next_token"), 4096) if answer.get("has_more") else None


def _path(endpoint_id: str) -> str:
    part = segment(endpoint_id)
    if part is None:
        raise HeyGenRefused(f"{endpoint_id!r} is not an id of a webhook endpoint.")
    return f"{ENDPOINTS}/{part}"


def _endpoint(row: Mapping[str, Any]) -> Endpoint | None:
    endpoint_id, url, events = ident(row.get("endpoint_id")), text(row.get("url")), row.get("events")
    if endpoint_id is None or url is None:
        return None
    wanted = tuple(name for name in map(text, events) if name) if isinstance(events, list) else None
    status, secret = text(row.get("status")) or "enabled", text(row.get("secret"))
    return Endpoint(endpoint_id, url, wanted, status, moment(row.get("created_at")), secret)


def _needed(answer: Mapping[str, Any], what: str) -> Endpoint:
    endpoint = _endpoint(mapping(answer.get("data")))
    if endpoint is None:
        raise HeyGenUnavailable(f"HeyGen was asked to {what}, but its answer names no endpoint")
    return endpoint


def _past_event(row: Mapping[str, Any]) -> PastEvent | None:
    event_type = text(row.get("event_type"), MOST_TYPE)
    if event_type is None:
        return None
    data, created_at = mapping(row.get("event_data")), moment(row.get("created_at"))
    return PastEvent(ident(row.get("event_id")), event_type, data, created_at)


def moment(value: object) -> datetime | None:
    """A time in ISO 8601 or in seconds since 1970, as UTC; one without a zone is taken as UTC."""
    try:
        if isinstance(value, (int, float)):
            return datetime.fromtimestamp(value, UTC)
        found = datetime.fromisoformat(text(value) or "")
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None

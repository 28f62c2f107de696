"""The control API of the HeyGen simulator, under `/_control`."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reelhook.simulators import control
from reelhook.simulators.control import json, json_body
from reelhook.simulators.heygen.account import Account
from reelhook.simulators.heygen.events import Event
from reelhook.simulators.heygen.plan import Plan
from reelhook.simulators.heygen.webhooks import Delivery, Endpoint, sign
from reelhook.simulators.records import RecordError, record


@dataclass
class Sending:
    """One event to be sent by hand."""

    event_type: str = "avatar_video.success"
    event_data: dict[str, Any] = field(default_factory=dict)
    entity_id: str | None = None
    body: str | None = None
    """Sent as it is, in place of what would be made of the above."""
    url: str | None = None
    """Sent there; null: to every endpoint that wants it."""
    secret: str | None = None
    """Signs what goes to *url*; null: the secret of the endpoint with that URL, or no signature when there is none."""
    signature: Literal["right", "wrong", "missing", "reserialized"] = "right"
    """`reserialized`: over the body as another JSON writer would have put it."""
    headers: dict[str, str] = field(default_factory=dict)
    copies: int = 1
    retry: bool = False
    in_history: bool = True


class Control(control.Control[Account]):
    """What only this simulator has of it."""

    def routes(self) -> list[Route]:
        return [
            *super().routes(),
            Route("/plans", self.plans, methods=["GET", "POST", "DELETE"]),
            Route("/send", self.send, methods=["POST"]),
            Route("/deliveries", self.deliveries),
            Route("/endpoints", self.endpoints),
            Route("/videos", self.videos),
        ]

    async def plans(self, request: Request) -> Response:
        """POST `{"plans": [Plan…]}` queues them, `{"default": Plan}` is for all videos after those; DELETE empties."""
        account = self._account
        if request.method == "DELETE":
            account.plans.clear()
            account.default_plan = Plan()
        if request.method == "POST":
            orders = record(PlanOrders, await json_body(request))
            for plan in [*orders.plans, *([orders.default] if orders.default else [])]:
                plan.check()
            account.plans.extend(orders.plans)
            account.default_plan = orders.default or account.default_plan
        return json({"plans": [*account.plans], "default": account.default_plan})

    async def send(self, request: Request) -> Response:
        """POST one Sending; answers with the ids of the deliveries that were started."""
        order = record(Sending, await json_body(request))
        event = Event(order.event_type, order.event_data, order.entity_id)
        body = event.body(self._account.settings) if order.body is None else order.body.encode()
        if order.in_history:
            self._account.webhooks.history.append(event)
        started = []
        for endpoint in self._receivers(order, event) * order.copies:
            signer = None if order.signature == "missing" or not endpoint.secret else endpoint
            spoilt = {} if signer is None else _spoilt(order, body, endpoint.secret)
            delivery = Delivery(
                event.id, event.type, endpoint.url, body, signer, {**spoilt, **order.headers}, order.retry
            )
            self._account.webhooks.send(delivery)
            started.append(delivery.id)
        return json({"event_id": event.id, "deliveries": started})

    def _receivers(self, order: Sending, event: Event) -> list[Endpoint]:
        endpoints = self._account.webhooks.endpoints.values()
        if order.url is None:
            return [each for each in endpoints if each.wants(event)]
        registered = [each for each in endpoints if each.url == order.url and order.secret is None]
        return registered[:1] or [Endpoint(order.url, None, None, order.secret or "")]

    async def deliveries(self, request: Request) -> Response:
        """Every delivery with each attempt, oldest first; `?event_type=` narrows."""
        kind = request.query_params.get("event_type")
        rows = [each.told() for each in self._account.webhooks.deliveries if kind in (None, each.event_type)]
        return json({"deliveries": rows})

    async def endpoints(self, _: Request) -> Response:
        """Every endpoint with its present secret, and how often that was rotated."""
        return json({"endpoints": [*self._account.webhooks.endpoints.values()]})

    async def videos(self, _: Request) -> Response:
        """The truth: every render with length and digests of every file."""
        renders = [*self._account.renders.values()]
        return json({"videos": await asyncio.to_thread(lambda: [render.told() for render in renders])})


@dataclass
class PlanOrders:
    """What POST `/plans` takes."""

    plans: list[Plan] = field(default_factory=list)
    default: Plan | None = None


def _spoilt(order: Sending, body: bytes, secret: str) -> dict[str, str | None]:
    """Headers that replace the right signature with what *order* wants."""
    if order.signature == "right":
        return {}
    wrong = sign(body, f"not {secret}")
    if order.signature == "reserialized":
        try:
            again = orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
        except orjson.JSONDecodeError as error:
            raise RecordError(f"body: cannot be reserialized: {error}") from error
        wrong = sign(again, secret)
    return {"signature": wrong}

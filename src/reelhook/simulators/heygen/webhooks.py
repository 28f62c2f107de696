"""Telling receivers: who is told, signed how, and what happens when they do not answer 2xx."""

import asyncio
import hashlib
import hmac
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import aiohttp

from reelhook.simulators.heygen.events import Event
from reelhook.simulators.heygen.plan import Settings
from reelhook.simulators.tasks import Tasks

USER_AGENT = "HeyGen-Webhook-Simulator/1"  # assumption: the real one is not documented
FOLLOW_REDIRECTS = False  # assumption: a 3xx counts as a failure


def sign(body: bytes, secret: str) -> str:
    """HeyGen's signature: HMAC-SHA256 over the raw body, keyed with the whole secret, in lower-case hex."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@dataclass
class Endpoint:
    """A URL registered for webhooks."""

    url: str
    events: list[str] | None
    entity_id: str | None
    secret: str
    endpoint_id: str = field(default_factory=lambda: uuid4().hex)
    created_at: str = ""
    rotations: int = 0
    """How often its secret was replaced."""
    deleted: bool = False
    """What is still on its way to a deleted endpoint is not tried again (assumption)."""

    def wants(self, event: Event) -> bool:
        """Whether *event* is to be sent here."""
        subscribed = self.events is None or event.type in self.events
        return subscribed and self.entity_id in (None, event.entity_id)


@dataclass
class Attempt:
    """One request: what was sent, and what came back (*status*, or *error* when nothing did)."""

    at: float
    headers: dict[str, str]
    status: int | None = None
    error: str | None = None
    seconds: float = 0.0


@dataclass
class Delivery:
    """One event on its way to one URL."""

    event_id: str
    event_type: str
    url: str
    body: bytes
    endpoint: Endpoint | None
    """None: a per-request callback, which is never signed."""
    extra_headers: dict[str, str | None] = field(default_factory=dict)
    """Laid over the usual headers; None removes one."""
    retry: bool = True
    id: str = field(default_factory=lambda: uuid4().hex)
    state: str = "pending"
    attempts: list[Attempt] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        """As the control API lists it."""
        endpoint_id = self.endpoint.endpoint_id if self.endpoint else None
        body = self.body.decode("utf-8", "replace")
        return {
            "id": self.id, "event_id": self.event_id, "event_type": self.event_type, "url": self.url,
            "endpoint_id": endpoint_id, "state": self.state, "body": body, "attempts": self.attempts,
        }  # fmt: skip


class Webhooks:
    """All deliveries of one account."""

    def __init__(self, settings: Settings, tasks: Tasks) -> None:
        self._settings, self._tasks = settings, tasks
        self._session: aiohttp.ClientSession | None = None
        self.endpoints: dict[str, Endpoint] = {}
        self.history: list[Event] = []
        self.deliveries: list[Delivery] = []

    @property
    def session(self) -> aiohttp.ClientSession:
        """The HTTP client, made when it is first needed."""
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        return self._session

    async def close(self) -> None:
        """Close the HTTP client."""
        if self._session is not None:
            await self._session.close()

    def announce(self, event: Event, *, callback_url: str | None = None, copies: int = 1) -> None:
        """Enter *event* in the history and send it to every endpoint that wants it, and to *callback_url*."""
        self.history.append(event)
        body = event.body(self._settings)
        receivers: list[tuple[str, Endpoint | None]] = [
            (each.url, each) for each in self.endpoints.values() if each.wants(event)
        ]
        if callback_url:
            receivers.append((callback_url, None))
        for url, endpoint in receivers * copies:
            self.send(Delivery(event.id, event.type, url, body, endpoint))

    def send(self, delivery: Delivery) -> None:
        """Start *delivery*."""
        self.deliveries.append(delivery)
        self._tasks.start(self._deliver(delivery))

    async def probe(self, url: str) -> bool:
        """The OPTIONS request by which v1 checks an endpoint."""
        try:
            async with self.session.options(url, timeout=aiohttp.ClientTimeout(total=1.0)) as response:
                return response.ok
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def _deliver(self, delivery: Delivery) -> None:
        started, pause = time.monotonic(), self._settings.retry_first_s
        while True:
            if await self._attempt(delivery):
                delivery.state = "delivered"
                return
            late = time.monotonic() + pause - started > self._settings.give_up_s
            if late or not delivery.retry or (delivery.endpoint and delivery.endpoint.deleted):
                delivery.state = "given_up"
                return
            await asyncio.sleep(pause)
            pause = min(pause * self._settings.retry_factor, self._settings.retry_most_s)

    async def _attempt(self, delivery: Delivery) -> bool:
        headers = self._headers(delivery)
        attempt = Attempt(time.time(), headers)
        delivery.attempts.append(attempt)
        started = time.monotonic()
        try:
            async with self.session.post(
                delivery.url, data=delivery.body, headers=headers, allow_redirects=FOLLOW_REDIRECTS,
                timeout=aiohttp.ClientTimeout(total=self._settings.answer_timeout_s),
            ) as response:  # fmt: skip
                attempt.status = response.status
        except (aiohttp.ClientError, TimeoutError) as error:
            attempt.error = f"{type(error).__name__}: {error}"
        attempt.seconds = time.monotonic() - started
        return attempt.status is not None and 200 <= attempt.status < 300

    def _headers(self, delivery: Delivery) -> dict[str, str]:
        """Made anew for every attempt: the secret and the time are those of the attempt (assumption)."""
        headers: dict[str, str | None] = {"Content-Type": "application/json", "User-Agent": USER_AGENT}
        if delivery.endpoint is not None:
            headers |= self._signature_headers(delivery, delivery.endpoint.secret)
        headers |= delivery.extra_headers
        return {name: value for name, value in headers.items() if value is not None}

    def _signature_headers(self, delivery: Delivery, secret: str) -> dict[str, str | None]:
        signature, mode = sign(delivery.body, secret), self._settings.signing
        headers: dict[str, str | None] = {}
        if mode in ("wire", "both"):
            headers["signature"] = signature
        if mode in ("docs", "both"):
            headers["Heygen-Signature"] = signature
            headers["Heygen-Timestamp"] = str(int(time.time()))
            headers["Heygen-Event-Id"] = delivery.event_id
        return headers

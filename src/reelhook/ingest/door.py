"""What both doors share: the guard, the answer to probes, and how a delivery is answered, counted and logged."""

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

import orjson
from starlette.types import Message, Receive, Scope, Send

from reelhook import logs, metrics, tracing
from reelhook.errors import Forbidden, ReelhookError, TooManyRequests, Unavailable
from reelhook.inbox import Arrival, Inbox, Receipt, Rejection, Rejections
from reelhook.ingest.body import SenderGone, drain
from reelhook.ingest.senders import Senders
from reelhook.kit import problem
from reelhook.kit.addresses import Network, contains, neighbourhood, remote
from reelhook.kit.clock import Clock
from reelhook.kit.ratelimit import Limit, Wanted
from reelhook.limits import Limits, refusal
from reelhook.units import DeliveryAccepted, DeliveryRefused, ms

log = logs.get("ingest")
OUR_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
PROBES = {"GET", "HEAD", "OPTIONS"}
ALLOWED = "POST, GET, HEAD, OPTIONS"
RECEIVED = {source: metrics.EVENTS.labels(source) for source in ("webhook", "callback")}
UNREAD = (408, 413)  # answers given while the body is still coming, so that the connection cannot be used again


class AddressNotAllowed(Forbidden):
    code = "address_refused"


class Overloaded(Unavailable):
    code = "service_limit"


class TooManyWrong(TooManyRequests):
    code = "too_many_wrong_requests"


@dataclass(slots=True)
class Delivery:
    """One request as far as it was read."""

    remote: str
    at: datetime
    headers: tuple[tuple[bytes, bytes], ...]
    started: float
    body: bytes = b""


class Guard:
    """Limits that do not need to know what was sent."""

    def __init__(
        self,
        limits: Limits,
        senders: Senders,
        *,
        allow: Sequence[Network],
        enforce: bool,
        rate: float,
        wrong_rate: float,
    ) -> None:
        self._limits, self._senders = limits, senders
        self._allow, self._enforce = tuple(allow), enforce
        self.whole = _limit("ingest", rate, rate)
        self.wrong = _limit("ingest-wrong", wrong_rate, 4 * wrong_rate)

    def refuses(self, remote: str) -> bool:
        """Whether the list names others and is enforced. While it is observed everybody is let in, and counted."""
        return self._enforce and self._outside(remote)

    def may_look(self) -> bool:
        """Whether a delivery that its address keeps out may be looked at all the same: a few a second may."""
        return self._senders.may_look()

    def proved(self, delivery: Delivery) -> None:
        """Remember where a delivery comes from that proved to be HeyGen's."""
        outside = self._outside(delivery.remote)
        self._senders.saw(delivery.remote, delivery.at, outside=outside, refused=outside and self._enforce)

    async def whole_service(self) -> None:
        """Count a delivery that proved to be HeyGen's; raises *Overloaded*, and HeyGen comes again."""
        if self.whole is None:
            return
        verdict = await self._limits.take(Wanted(self.whole))
        if not verdict.allowed:
            raise refusal(Overloaded, "the service takes no more deliveries this second", verdict)

    async def wrong_from(self, remote: str) -> None:
        """Count an unsigned or wrong request of this address; raises *TooManyWrong* when there were too many."""
        if self.wrong is None:
            return
        verdict = await self._limits.take(Wanted(self.wrong, neighbourhood(remote)))
        if not verdict.allowed:
            raise refusal(TooManyWrong, f"too many unsigned or wrong requests from {remote}", verdict)

    def _outside(self, remote: str) -> bool:
        return bool(self._allow) and not contains(self._allow, remote)


def not_allowed(remote: str) -> AddressNotAllowed:
    """The refusal of an address. It says nothing of what was sent: a stranger learns no more than that."""
    return AddressNotAllowed(f"{remote} is not in REELHOOK_INGEST_ALLOW")


def _limit(name: str, rate: float, burst: float) -> Limit | None:
    """None for a rate of 0: no limit."""
    return Limit(name, rate, max(1, int(burst))) if rate else None


class Door(ABC):
    """A plain ASGI endpoint that takes deliveries. What is let in, and why not, is decided by `admit`."""

    endpoint: ClassVar[str]

    def __init__(
        self, inbox: Inbox, rejections: Rejections, clock: Clock, trusted_proxies: Sequence[Network] = ()
    ) -> None:
        self._inbox, self._rejections, self._clock = inbox, rejections, clock
        self._trusted = tuple(trusted_proxies)
        self._accepted = metrics.DELIVERIES.labels(self.endpoint, "200")
        metrics.DELIVERIES.labels(self.endpoint, "503")  # from 0 on: of a counter that begins at 1 nobody sees it rise

    @abstractmethod
    async def admit(self, scope: Scope, receive: Receive, delivery: Delivery) -> Arrival:
        """The delivery as an arrival. Raises the *ReelhookError* that says why it is refused."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"]
        if method in PROBES:  # HeyGen probes with OPTIONS and waits one second; nothing here may touch the database
            await problem.respond(send, 200, b"", "text/plain", headers={"allow": ALLOWED}, head=method == "HEAD")
            return
        if method != "POST":
            detail = f"{method} is not possible here"
            await problem.answer(send, 405, "method_not_allowed", detail, headers={"allow": ALLOWED})
            return
        await self._post(scope, receive, send)

    async def _post(self, scope: Scope, receive: Receive, send: Send) -> None:
        clock = self._clock
        delivery = Delivery(remote(scope, self._trusted), clock.now(), tuple(scope["headers"]), clock.monotonic())
        try:
            arrival = await self.admit(scope, receive, delivery)
            receipt = await self._accept(arrival)
        except SenderGone:
            self._rejections.count(self.endpoint, SenderGone.code)
            return
        except ReelhookError as error:
            await self._refuse(receive, send, delivery, error)
            return
        await self._confirm(send, arrival, receipt)
        took = clock.monotonic() - delivery.started
        metrics.INGEST_SECONDS.observe(took)
        self._accepted.inc()
        if not logs.swallowed(DeliveryAccepted.event):
            self._tell(delivery, arrival, receipt, took)

    def _tell(self, delivery: Delivery, arrival: Arrival, receipt: Receipt, took: float) -> None:
        DeliveryAccepted(
            endpoint=self.endpoint,
            event_id=receipt.event_id,
            type=arrival.type,
            duplicate=receipt.duplicate,
            video_id=arrival.video_id or _ours(arrival.callback_id),
            remote=delivery.remote,
            bytes=len(delivery.body),
            ms=ms(took),
        ).write(log.info)

    async def _accept(self, arrival: Arrival) -> Receipt:
        """Its trace begins here, and knows nothing of what was refused: strangers cannot fill a collector."""
        about = {"endpoint": self.endpoint, "event_type": arrival.type}
        with tracing.span("delivery", "server", since=arrival.received_at, about=about):
            receipt = await self._inbox.accept(arrival)
            tracing.note(event_id=receipt.event_id, duplicate=receipt.duplicate)
            return receipt

    async def _confirm(self, send: Send, arrival: Arrival, receipt: Receipt) -> None:
        (metrics.DUPLICATES if receipt.duplicate else RECEIVED[arrival.source]).inc()
        content = orjson.dumps({"event_id": receipt.event_id, "duplicate": receipt.duplicate})
        await problem.respond(send, 200, content, "application/json")

    async def _refuse(self, receive: Receive, send: Send, delivery: Delivery, error: ReelhookError) -> None:
        metrics.DELIVERIES.labels(self.endpoint, str(error.status)).inc()
        await self._rejections.keep(
            Rejection(
                endpoint=self.endpoint,
                status=error.status,
                reason=error.code,
                detail=error.message,
                remote=delivery.remote,
                headers=delivery.headers,
                body=delivery.body,
                at=delivery.at,
            )
        )
        headers = error.headers
        if error.status in UNREAD:
            send = _closing(receive, send)
            headers["connection"] = "close"
        await problem.answer(send, error.status, error.code, error.message, headers=headers)
        DeliveryRefused(
            endpoint=self.endpoint,
            status=error.status,
            code=error.code,
            error=error.message,
            remote=delivery.remote,
            bytes=len(delivery.body),
            ms=ms(self._clock.monotonic() - delivery.started),
        ).write(log.warning)


def _ours(callback_id: str | None) -> str | None:
    """The video that *callback_id* names. Whoever else renders with this account may use any text for theirs."""
    return callback_id if callback_id and OUR_ID.fullmatch(callback_id) else None


def _closing(receive: Receive, send: Send) -> Send:
    """*send* for an answer to a body that is still coming: first the answer, then its rest, then the end."""

    async def send_and_drain(message: Message) -> None:
        if message["type"] != "http.response.body":
            await send(message)
            return
        await send({**message, "more_body": True})
        await drain(receive)
        await send({"type": "http.response.body", "body": b""})

    return send_and_drain

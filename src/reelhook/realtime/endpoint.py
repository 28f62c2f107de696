"""`GET /api/v1/stream`: history from the log, then live, with no gap and no repeat in between."""

import asyncio
import math
import socket
from collections.abc import Awaitable
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from reelhook import logs, metrics
from reelhook.auth import Principal
from reelhook.errors import Forbidden, ReelhookError, Unavailable, WrongInput
from reelhook.kit import problem
from reelhook.kit.clock import Clock
from reelhook.kit.headed import REQUEST_ID, Fields, bare
from reelhook.kit.ids import Ids
from reelhook.kit.protocol import TRANSPORT
from reelhook.realtime import goodbyes
from reelhook.realtime.encoding import Compression, negotiate
from reelhook.realtime.goodbyes import Reason
from reelhook.realtime.hub import Hub
from reelhook.realtime.subscriber import Start, Subscriber
from reelhook.realtime.wants import EVERY_VIDEO, Wants
from reelhook.units import StreamEnded, ms

log = logs.get("realtime")
# Streams end by themselves after this long, each at another moment, so that connections spread over servers again.
LIFETIME_S = 3600.0
KEPT_IN_SCOPE = ("type", "method", "path", "query_string", "http_version")


class StreamEndpoint:
    """Plain ASGI: one request task waits for the disconnect, the hub writes."""

    def __init__(self, hub: Hub, clock: Clock, ids: Ids, *, compression: Compression = "off") -> None:
        self._hub, self._clock, self._ids, self._compression = hub, clock, ids, compression

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """No coroutine of its own: of each open stream it would be kept for hours."""
        if scope["method"] != "GET":
            return _not_a_get(scope, send)
        try:
            subscriber = self._subscriber(scope, send)
        except ReelhookError as error:
            headers = {} if error.retry_after_s is None else {"retry-after": str(math.ceil(error.retry_after_s))}
            return problem.answer(send, error.status, error.code, error.message, headers=headers)
        _bound_buffers(scope.get(TRANSPORT))
        _forget(scope)
        return self._serve(subscriber, receive, bare(send)[1])

    async def _serve(self, subscriber: Subscriber, receive: Receive, fields: Fields) -> None:
        if not subscriber.open(fields):
            return
        started = self._clock.monotonic()
        self._hub.add(subscriber)
        end = self._end_in_time(subscriber)
        try:
            try:
                await self._hub.catch_up(subscriber)
            finally:
                metrics.STREAM_STARTS.labels(subscriber.start).inc()
            while (await receive())["type"] != "http.disconnect":
                continue
        finally:
            end.cancel()
            self._hub.remove(subscriber)
            StreamEnded(
                request_id=dict(fields).get(REQUEST_ID, b"").decode() or None,
                why=subscriber.why or "left",
                **subscriber.principal.in_lines,
                sent=subscriber.sent,
                ms=ms(self._clock.monotonic() - started),
            ).write(log.info)

    def _subscriber(self, scope: Scope, send: Send) -> Subscriber:
        principal: Principal = scope["state"]["principal"]
        if not principal.may("stream"):
            raise Forbidden("this needs the scope stream")
        if self._hub.closed or self._hub.cursor is None:
            raise Unavailable("the stream is not open; come back in a moment", retry_after_s=2)
        query = parse_qs(scope["query_string"].decode("latin-1"))
        headers = Headers(scope=scope)
        last_id = _last_id(headers.get("last-event-id") or (query.get("last_event_id") or [""])[-1])
        wants = Wants(principal, frozenset(query.get("video_id", ())) or EVERY_VIDEO)
        begin = self._hub.cursor if last_id is None else last_id
        encoding = negotiate(headers.get("accept-encoding", ""), self._compression)
        start: Start = "new" if last_id is None else "replayed"
        return Subscriber(bare(send)[0], scope.get(TRANSPORT), wants, begin, encoding, start)

    def _end_in_time(self, subscriber: Subscriber) -> asyncio.TimerHandle:
        """Have the stream end after a while, jittered, and never later than the credential that opened it."""
        lasts, end = LIFETIME_S * (0.8 + 0.2 * self._ids.fraction()), self._outlived
        expires_at = subscriber.principal.expires_at
        if expires_at is not None:
            left = max(0.0, (expires_at - self._clock.now()).total_seconds())
            if left <= lasts:
                lasts, end = left, self._expired
        return asyncio.get_running_loop().call_later(lasts, end, subscriber)

    def _outlived(self, subscriber: Subscriber) -> None:
        subscriber.end(goodbyes.bye(Reason.LIFETIME, self._hub.comeback_ms()), Reason.LIFETIME)

    def _expired(self, subscriber: Subscriber) -> None:
        subscriber.end(*goodbyes.expired(subscriber.principal, self._hub.comeback_ms()))


async def _not_a_get(scope: Scope, send: Send) -> None:
    if scope["method"] == "HEAD":
        await problem.respond(send, 200, b"", "text/event-stream", head=True)
        return
    detail = f"{scope['method']} is not possible here"
    await problem.answer(send, 405, "method_not_allowed", detail, headers={"allow": "GET, HEAD"})


def _last_id(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise WrongInput(f"Last-Event-ID must be a whole number, not {text[:40]!r}")
    return int(text)


def _bound_buffers(transport: asyncio.Transport | None) -> None:
    """Keep little in the kernel for a reader that does not read; 64 KiB hold well over a hundred updates."""
    if transport is not None:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)


def _forget(scope: Scope) -> None:
    """Drop what an open stream does not need: it is a third of its memory."""
    del scope["headers"][:]
    kept = {name: scope[name] for name in KEPT_IN_SCOPE if name in scope}
    scope.clear()  # a dict whose names are taken out one by one stays as large as it was
    scope.update(kept)

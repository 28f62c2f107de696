"""`GET /api/v1/stream`: history from the log, then live, with no gap and no repeat in between."""

import asyncio
import socket
from typing import Any
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from reelhook.auth import Principal
from reelhook.db import Database
from reelhook.errors import DatabaseUnavailable, ReelhookError, WrongInput
from reelhook.kit import problem
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.kit.protocol import TRANSPORT
from reelhook.realtime import log as stream_log
from reelhook.realtime import wire
from reelhook.realtime.hub import Hub
from reelhook.realtime.log import Update
from reelhook.realtime.subscriber import Subscriber, Wants

PAGE = 200
# Streams end by themselves after this long, each at another moment, so that connections spread over servers again.
LIFETIME_S = 3600.0
KEPT_IN_SCOPE = {"type", "method", "path", "query_string", "http_version"}


class StreamEndpoint:
    """Plain ASGI: one request task waits for the disconnect, the hub writes."""

    def __init__(self, db: Database, hub: Hub, clock: Clock, ids: Ids) -> None:
        self._db, self._hub, self._clock, self._ids = db, hub, clock, ids

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if self._hub.closed or self._hub.cursor is None:
                raise DatabaseUnavailable("the stream is not open; come back in a moment", retry_after_s=2)
            subscriber = self._subscriber(scope, send, self._hub.cursor)
        except ReelhookError as error:
            headers = {"retry-after": "2"} if error.retryable else {}
            await problem.answer(send, error.status, error.code, error.message, headers=headers)
            return
        lifetime = self._lifetime(scope)
        _bound_buffers(scope.get(TRANSPORT))
        _forget(scope)
        await send({"type": "http.response.start", "status": 200, "headers": wire.HEADERS})
        await send({"type": "http.response.body", "body": wire.HELLO, "more_body": True})
        await self._serve(subscriber, receive, send, lifetime)

    async def _serve(self, subscriber: Subscriber, receive: Receive, send: Send, lifetime: float) -> None:
        self._hub.add(subscriber)
        end = asyncio.get_running_loop().call_later(lifetime, self._expire, subscriber)
        try:
            await self._resync(subscriber, send)
            await self._replay(subscriber, send)
            while (await receive())["type"] != "http.disconnect":
                continue
        except DatabaseUnavailable:
            subscriber.end(wire.bye("the history cannot be read right now", self._hub.comeback_ms()))
        finally:
            end.cancel()
            self._hub.remove(subscriber)

    async def _replay(self, subscriber: Subscriber, send: Send) -> None:
        """Send what the client missed, page by page, each when the connection has room; then let live updates flow.

        It goes live in the same step of the loop in which it finds itself level with the hub, so nothing falls between.
        """
        while not subscriber.cut:
            since = subscriber.last_id
            page = await self._db.read(lambda conn, since=since: stream_log.after(conn, since, PAGE))  # type: ignore[misc]
            frames = [wire.update(update) for update in page if subscriber.wants(update)]
            if frames and not subscriber.cut:
                await send({"type": "http.response.body", "body": b"".join(frames), "more_body": True})
            if page:
                subscriber.last_id = page[-1].id
            if len(page) < PAGE and (self._hub.cursor or 0) <= subscriber.last_id:
                subscriber.live = True
                return

    async def _resync(self, subscriber: Subscriber, send: Send) -> None:
        """Tell a client whose history is gone, and go on from the head."""
        gone = await self._db.read(lambda conn: _gone(conn, subscriber.last_id))
        if gone is not None:
            subscriber.last_id = gone
            await send({"type": "http.response.body", "body": wire.resync(gone), "more_body": True})

    def _subscriber(self, scope: Scope, send: Send, cursor: int) -> Subscriber:
        principal: Principal = scope["state"]["principal"]
        query = parse_qs(scope["query_string"].decode("latin-1"))
        last_id = _last_id(Headers(scope=scope).get("last-event-id") or (query.get("last_event_id") or [""])[-1])
        wants = _wants(principal, frozenset(query.get("video_id", ())))
        owner = f"{principal.kind}:{principal.id}:{principal.subject or ''}"
        return Subscriber(send, scope.get(TRANSPORT), owner, wants, cursor if last_id is None else last_id)

    def _lifetime(self, scope: Scope) -> float:
        """Seconds until this stream ends: jittered, and never longer than the credential that opened it."""
        principal: Principal = scope["state"]["principal"]
        lifetime = LIFETIME_S * (0.8 + 0.2 * self._ids.fraction())
        if principal.expires_at is not None:
            lifetime = min(lifetime, max(0.0, (principal.expires_at - self._clock.now()).total_seconds()))
        return lifetime

    def _expire(self, subscriber: Subscriber) -> None:
        subscriber.end(wire.bye("this stream has been open long enough", self._hub.comeback_ms()))


def _last_id(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise WrongInput(f"Last-Event-ID must be a whole number, not {text[:40]!r}")
    return int(text)


def _gone(conn: Any, last_id: int) -> int | None:
    """The head to go on from when the history behind *last_id* is not whole, else None."""
    head = stream_log.head(conn)
    return head if last_id > head or last_id < stream_log.floor(conn) else None


def _wants(principal: Principal, only: frozenset[str]) -> Wants:
    if only:
        return lambda update: update.video_id in only and _sees(principal, update)
    return lambda update: _sees(principal, update)


def _sees(principal: Principal, update: Update) -> bool:
    return update.video_id is None or principal.sees(update.video_id, update.subject)


def _bound_buffers(transport: asyncio.Transport | None) -> None:
    """Keep little in the kernel for a reader that does not read; 64 KiB hold well over a hundred updates."""
    if transport is not None:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)


def _forget(scope: Scope) -> None:
    """Drop what an open stream does not need: it is a third of its memory."""
    del scope["headers"][:]
    for name in [name for name in scope if name not in KEPT_IN_SCOPE]:
        del scope[name]

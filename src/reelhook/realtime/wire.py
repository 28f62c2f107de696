"""The SSE wire format (WHATWG HTML, section 9.2): frames as bytes, made once for all subscribers."""

import orjson

from reelhook.realtime.log import Update

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"connection", b"close"),  # nothing comes after a stream, so it may be cut once its last word is read
]
RESYNC = "resync"
HELLO = b": welcome\n\n"  # the first bytes open the pipe through proxies that wait for a body


def update(one: Update) -> bytes:
    """A stored update. Its id is what the client sends back as Last-Event-ID."""
    return f"id: {one.id}\nevent: {one.event}\ndata: {one.data}\n\n".encode()


def heartbeat(last_id: int) -> bytes:
    """Nothing new up to *last_id*, which the client sends back as Last-Event-ID (an `id:` alone is no event)."""
    return f": still here\nid: {last_id}\n\n".encode()


def passing(event: str, data: object, *, retry_ms: int | None = None) -> bytes:
    """An event that is not stored and so has no id."""
    retry = f"retry: {retry_ms}\n" if retry_ms is not None else ""
    return f"event: {event}\n{retry}data: ".encode() + orjson.dumps(data) + b"\n\n"


def resync(head: int) -> bytes:
    """History is gone: fetch everything anew, then go on from *head*."""
    return f"id: {head}\nevent: {RESYNC}\ndata: ".encode() + orjson.dumps({"stream_id": head}) + b"\n\n"

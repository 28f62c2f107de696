"""Errors on the wire: `application/problem+json` (RFC 9457)."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.types import Send

MEDIA_TYPE = "application/problem+json"
TITLES = {status.value: status.phrase for status in HTTPStatus}


def body(status: int, code: str, detail: str, **extra: Any) -> bytes:
    """A problem document. *code* is stable and for programs, *detail* is for people.

    Both may repeat what a client sent, lone surrogates included: written as ASCII it is valid JSON all the same.
    """
    title = TITLES.get(status, "Error")
    document = {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail}
    return json.dumps(document | extra, separators=(",", ":")).encode("ascii")


async def answer(
    send: Send, status: int, code: str, detail: str, *, headers: Mapping[str, str] | None = None, head: bool = False
) -> None:
    """Send a whole problem response on a plain ASGI channel. Nobody may keep it: what it says may pass."""
    content = body(status, code, detail)
    kept = {"cache-control": "no-store", **(headers or {})}
    await respond(send, status, content, MEDIA_TYPE, headers=kept, head=head)


async def respond(
    send: Send,
    status: int,
    content: bytes,
    media_type: str,
    *,
    headers: Mapping[str, str] | None = None,
    head: bool = False,
) -> None:
    """Send any small response whole; *head* leaves the content out, as for a HEAD request."""
    raw = [(b"content-type", media_type.encode("latin-1")), (b"content-length", b"%d" % len(content))]
    if headers:
        raw += [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": b"" if head else content})

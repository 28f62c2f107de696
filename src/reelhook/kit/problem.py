"""Errors on the wire: `application/problem+json` (RFC 9457)."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from starlette.types import Send

MEDIA_TYPE = "application/problem+json"


def body(status: int, code: str, detail: str, **extra: Any) -> bytes:
    """A problem document. *code* is stable and for programs, *detail* is for people."""
    title = HTTPStatus(status).phrase
    document = {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail}
    return orjson.dumps(document | extra)


async def answer(
    send: Send, status: int, code: str, detail: str, *, headers: Mapping[str, str] | None = None, head: bool = False
) -> None:
    """Send a whole problem response on a plain ASGI channel."""
    content = body(status, code, detail)
    await respond(send, status, content, MEDIA_TYPE, headers=headers, head=head)


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
    fields = {"content-type": media_type, "content-length": str(len(content)), **(headers or {})}
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": b"" if head else content})

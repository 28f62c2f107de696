"""Reading a request's body with limits on size and time."""

import asyncio

from starlette.datastructures import Headers
from starlette.types import Receive, Scope

from reelhook.errors import ReelhookError

MOST_BYTES = 1024 * 1024
SECONDS = 10.0


class BodyTooLarge(ReelhookError):
    status, code = 413, "body_too_large"


class BodyTooSlow(ReelhookError):
    status, code, retryable = 408, "body_too_slow", True


class SenderGone(ReelhookError):
    """The sender hung up before the body was whole; there is nobody to answer."""

    status, code = 400, "sender_gone"


async def read_body(scope: Scope, receive: Receive) -> bytes:
    """The whole body. Raises *BodyTooLarge* as soon as that is known, *BodyTooSlow*, or *SenderGone*."""
    declared = Headers(scope=scope).get("content-length", "0")
    if declared.isdigit() and int(declared) > MOST_BYTES:
        raise BodyTooLarge(f"the body has {declared} bytes; at most {MOST_BYTES} are taken")
    try:
        return await asyncio.wait_for(_collect(receive), SECONDS)
    except TimeoutError:
        raise BodyTooSlow(f"the body did not arrive within {SECONDS:g} s") from None


async def _collect(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise SenderGone("the sender hung up before the body was whole")
        part = message.get("body", b"")
        size += len(part)
        if size > MOST_BYTES:
            raise BodyTooLarge(f"the body has more than {MOST_BYTES} bytes")
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)

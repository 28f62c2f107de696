"""A bare ASGI app: 200 after the HMAC, and nothing else."""

import hmac
import os

from starlette.types import Receive, Scope, Send

KEY = os.environ["SECRET"].encode()
HEADERS = [(b"content-length", b"2"), (b"content-type", b"text/plain")]


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """For uvicorn with --lifespan off."""
    if scope["type"] != "http":
        return
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message["body"], message["more_body"]
    given = dict(scope["headers"]).get(b"signature", b"")
    right = hmac.compare_digest(hmac.digest(KEY, body, "sha256").hex().encode(), given)
    await send({"type": "http.response.start", "status": 200 if right else 401, "headers": HEADERS})
    await send({"type": "http.response.body", "body": b"ok"})

"""Passing an event on to a program on one's own machine, byte for byte as HeyGen sent it."""

import base64
import time
from dataclasses import dataclass
from typing import Any

import aiohttp

LIMIT_S = 10.0  # as long as HeyGen waits
# They belong to the connection on which the event came, not to the event.
OF_THE_CONNECTION = frozenset(
    {"accept-encoding", "connection", "content-length", "expect", "host", "keep-alive", "te", "transfer-encoding"}
)
HIDDEN = "***"


@dataclass(frozen=True)
class Answer:
    """What the program said: a *status*, or the *error* that kept it from answering."""

    status: int | None
    error: str | None
    ms: int

    def shown(self) -> dict[str, Any]:
        return {"status": self.status, "error": self.error, "ms": self.ms}


async def forward(session: aiohttp.ClientSession, url: str, event: dict[str, Any]) -> Answer:
    """Post the body of *event*, as the API shows it in detail, to *url*. Redirects are not followed."""
    started = time.monotonic()
    headers = [
        (name, value) for name, value in event["headers"] if name.lower() not in OF_THE_CONNECTION and value != HIDDEN
    ]
    try:
        async with session.post(
            url,
            data=base64.b64decode(event["body_base64"]),
            headers=headers,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=LIMIT_S),
        ) as response:
            await response.read()
            status, error = response.status, None
    except (aiohttp.ClientError, TimeoutError, ValueError) as trouble:
        status, error = None, str(trouble) or f"no answer within {LIMIT_S:g} s"
    return Answer(status, error, round(1000 * (time.monotonic() - started)))

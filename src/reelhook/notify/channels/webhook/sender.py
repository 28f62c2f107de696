"""One attempt: a signed POST, and what came back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiohttp
from yarl import URL

from reelhook.errors import ReelhookError
from reelhook.heygen.answers import retry_after_s
from reelhook.kit.clock import Clock
from reelhook.kit.http import TRANSPORT_ERRORS, refusal
from reelhook.kit.text import shorten, storable
from reelhook.logs import mask
from reelhook.notify.channels.webhook.errors import AddressNotAllowed, NotAccepted, NotDelivered
from reelhook.notify.channels.webhook.signing import signed_headers

LIMIT_S = 15.0  # from the first byte sent to the last byte read
MOST_KEPT = 64 * 1024  # of the answer's body
KEPT_HEADERS = ("content-type", "date", "location", "retry-after", "server")
MOST_HEADER = 200
GONE = 410


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one attempt. Without a *status* there was no answer; *error* says why it did not succeed."""

    at: datetime
    ms: int
    status: int | None = None
    error: ReelhookError | None = None
    headers: Mapping[str, str] | None = None
    body: bytes = b""
    cut: bool = False

    @property
    def gone(self) -> bool:
        """The endpoint says that it wants no more messages, ever."""
        return self.status == GONE

    @property
    def why(self) -> str | None:
        """What went wrong, in words that can be stored and shown."""
        return None if self.error is None else shorten(storable(mask(self.error.message)), 500)

    @property
    def result(self) -> str:
        """As it is counted."""
        return "delivered" if self.error is None else "unanswered" if self.status is None else "refused"


class Sender:
    """Sends messages with a guarded session. It follows no redirect: that would be another endpoint."""

    def __init__(self, session: aiohttp.ClientSession, clock: Clock) -> None:
        self._session, self._clock = session, clock

    async def send(self, url: str, message_id: str, payload: bytes, secrets: Sequence[str]) -> Answer:
        """Make one attempt. Nothing is raised for what the endpoint does or does not do."""
        at, started = self._clock.now(), self._clock.monotonic()
        headers = signed_headers(message_id, int(at.timestamp()), payload, secrets)
        headers |= {"Content-Type": "application/json"}
        timeout = aiohttp.ClientTimeout(total=LIMIT_S, connect=10)
        answered: dict[str, Any] = {}
        error: ReelhookError | None = None
        try:
            async with self._session.post(
                URL(url, encoded=True), data=payload, headers=headers, allow_redirects=False, timeout=timeout
            ) as response:
                answered = {"status": response.status, "headers": _kept(response.headers)}
                error = _refused(response, at)
                answered["body"], answered["cut"] = await _beginning(response)
        except (*TRANSPORT_ERRORS, ValueError) as trouble:
            if not answered:  # a status is an answer, even if the rest of it never came
                error = _unanswered(trouble)
        ms = round((self._clock.monotonic() - started) * 1000)
        return Answer(at, ms, error=error, **answered)


async def _beginning(response: aiohttp.ClientResponse) -> tuple[bytes, bool]:
    """The first part of the body, and whether there was more. What is left unread closes the connection."""
    kept = bytearray()
    async for chunk in response.content.iter_chunked(MOST_KEPT):
        kept += chunk
        if len(kept) > MOST_KEPT:
            response.close()
            return bytes(kept[:MOST_KEPT]), True
    return bytes(kept), False


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    found = {name: headers.get(name) for name in KEPT_HEADERS}
    return {name: shorten(storable(value), MOST_HEADER) for name, value in found.items() if value is not None}


def _refused(response: aiohttp.ClientResponse, now: datetime) -> ReelhookError | None:
    status = response.status
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return NotAccepted(f"answered {status}; redirects are not followed, so give the address it leads to")
    wait_s = retry_after_s(response.headers.get("Retry-After"), now) if status in (429, 503) else None
    kind = NotDelivered if status == 429 or status >= 500 else NotAccepted
    return kind(f"answered {status}", retry_after_s=wait_s)


def _unanswered(trouble: BaseException) -> ReelhookError:
    if (refused := refusal(trouble)) is not None:
        return AddressNotAllowed(refused.reason)
    if isinstance(trouble, TimeoutError):
        return NotDelivered(f"did not answer within {LIMIT_S:g} s")
    return NotDelivered(f"was not reached: {shorten(str(trouble), 200) or type(trouble).__name__}")

"""One call to HeyGen's API: the key, the limits, and every failure turned into one of our errors."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
import orjson
from yarl import URL

from reelhook import metrics, tracing
from reelhook.errors import WrongSetting
from reelhook.events.lenient import decode, mapping
from reelhook.heygen.answers import error_for
from reelhook.heygen.errors import HeyGenError, HeyGenUnavailable
from reelhook.kit.clock import Clock
from reelhook.kit.http import TRANSPORT_ERRORS, refusal
from reelhook.kit.text import shorten
from reelhook.logs import mask

TIMEOUT = aiohttp.ClientTimeout(total=30, connect=10)
MOST_BYTES = 8 * 1024 * 1024
CHUNK = 64 * 1024
SHORTEST_KEY = 8  # anything shorter is a toy of a test, and may be part of a word


class Transport:
    """Speaks to `base_url` with one API key. It never retries, and follows no redirect, lest it carry off the key."""

    def __init__(self, session: aiohttp.ClientSession, base_url: str, api_key: str, clock: Clock) -> None:
        self._session, self._base_url, self._clock = session, base_url.rstrip("/"), clock
        self._api_key = api_key.strip()
        if not (self._api_key.isascii() and self._api_key.isprintable() and self._api_key):
            raise WrongSetting("REELHOOK_HEYGEN_API_KEY holds characters that no key has; copy it again")

    async def call(
        self,
        name: str,
        method: str,
        path: str,
        what: str,
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str | int | None] | None = None,
        idempotency_key: str | None = None,
    ) -> dict[str, Any]:
        """The whole answer as an object. *what* is being asked for, in words for a person: `create the video`.

        It is counted by *name*, which is one of few. Raises a *HeyGenError*.
        """
        url = self._url(path, query or {})
        content = None if body is None else orjson.dumps(body)
        about: tracing.Attributes = {"method": method, "asked": what}
        with _counted(name), tracing.span(f"{method} HeyGen", "client", about=about):
            try:
                async with self._session.request(
                    method,
                    url,
                    data=content,
                    headers=self._headers(content, idempotency_key),
                    allow_redirects=False,
                    timeout=TIMEOUT,
                ) as response:
                    tracing.note(status=response.status)
                    return self._answer(response, await _content(response, what), what)
            except TRANSPORT_ERRORS as error:
                raise HeyGenUnavailable(f"HeyGen was asked to {what}, but {self._safe(_why(error))}") from None

    def _url(self, path: str, query: Mapping[str, str | int | None]) -> URL:
        given = urlencode({name: value for name, value in query.items() if value is not None})
        return URL(f"{self._base_url}{path}{'?' if given else ''}{given}", encoded=True)

    def _headers(self, content: bytes | None, idempotency_key: str | None) -> dict[str, str]:
        headers = {"X-Api-Key": self._api_key, "Accept": "application/json"}
        if content is not None:
            headers["Content-Type"] = "application/json"
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        return headers

    def _answer(self, response: aiohttp.ClientResponse, content: bytes, what: str) -> dict[str, Any]:
        try:
            answer = decode(content)
        except ValueError:
            answer = {} if response.status == 204 else None
        if not 200 <= response.status < 300:
            raise self._clean(error_for(response.status, response.headers, mapping(answer), what, self._clock.now()))
        if not isinstance(answer, dict):
            raise HeyGenUnavailable(f"HeyGen's answer when asked to {what} is no JSON object: {len(content)} bytes")
        return answer

    def _clean(self, error: HeyGenError) -> HeyGenError:
        """HeyGen may repeat what we sent: links with signatures, even the key."""
        error.message = self._safe(error.message)
        error.args = (error.message,)
        return error

    def _safe(self, text: str) -> str:
        shown = text.replace(self._api_key, "***") if len(self._api_key) >= SHORTEST_KEY else text
        return mask(shown)


def segment(heygen_id: str) -> str | None:
    """An id as one part of a path, or None for what cannot be one: nothing, `.` and `..`."""
    return quote(heygen_id, safe="") if heygen_id.strip(".") else None


async def _content(response: aiohttp.ClientResponse, what: str) -> bytes:
    content = bytearray()
    async for chunk in response.content.iter_chunked(CHUNK):
        content += chunk
        if len(content) > MOST_BYTES:
            raise HeyGenUnavailable(f"HeyGen's answer when asked to {what} is longer than {MOST_BYTES} bytes")
    return bytes(content)


@contextmanager
def _counted(name: str) -> Iterator[None]:
    """Count one call by how it ended. What is no answer of an API counts as none."""
    outcome = "ok"
    try:
        yield
    except HeyGenError as error:
        status = error.heygen_status
        outcome = "unreachable" if status is None else "429" if status == 429 else f"{status // 100}xx"
        raise
    finally:
        metrics.HEYGEN_CALLS.labels(name, outcome).inc()


def _why(error: BaseException) -> str:
    refused = refusal(error)
    if refused:
        return refused.reason
    if isinstance(error, TimeoutError):
        return f"did not answer within {TIMEOUT.total:g} s"
    return f"was not reached: {shorten(str(error), 200) or type(error).__name__}"

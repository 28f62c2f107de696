"""Requests to the provider: never a redirect followed, never long, never much."""

import json
from typing import Any

import aiohttp

from reelhook.auth.oidc.errors import OidcRefused, OidcUnavailable
from reelhook.kit.http import TRANSPORT_ERRORS, refusal

LIMIT = aiohttp.ClientTimeout(total=10, connect=5)
MOST_BYTES = 256 * 1024


async def document(http: aiohttp.ClientSession, method: str, url: str, **request: Any) -> dict[str, Any]:
    """The JSON object that *url* answers.

    Raises *OidcRefused* when the answer is a refusal of this one request (a 4xx with an `error`, RFC 6749 5.2), and
    *OidcUnavailable* for everything else that is no such object.
    """
    try:
        async with http.request(method, url, timeout=LIMIT, allow_redirects=False, **request) as answer:
            content = await _bounded(answer.content, url)
            status = answer.status
    except TRANSPORT_ERRORS as error:
        refused = refusal(error)
        why = refused.reason if refused else str(error) or "no answer in time"
        raise OidcUnavailable(f"{url} cannot be asked: {why}") from None
    said = _object(content)
    if 400 <= status < 500 and status != 429 and said is not None and "error" in said:
        raise OidcRefused(f"{url} refuses with {_word(said['error'])}")
    if status != 200 or said is None:
        raise OidcUnavailable(f"{url} answers {status}, and not with the JSON object that was asked for")
    return said


async def _bounded(content: aiohttp.StreamReader, url: str) -> bytes:
    pieces, size = [], 0
    async for piece in content.iter_any():
        size += len(piece)
        if size > MOST_BYTES:
            raise OidcUnavailable(f"{url} answers more than {MOST_BYTES} bytes")
        pieces.append(piece)
    return b"".join(pieces)


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _word(error: object) -> str:
    """The provider's own word for its refusal, fit for a log line."""
    return repr(error[:60]) if isinstance(error, str) else "an error without a name"

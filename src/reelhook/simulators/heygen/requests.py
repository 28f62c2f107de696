"""Reading requests the way HeyGen does: the key, the body's fields, the page of a list, the idempotency key."""

import hmac
import re
import time
from collections.abc import Callable, Sequence
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from reelhook.simulators.control import Endpoint, json
from reelhook.simulators.heygen.account import Account, Remembered
from reelhook.simulators.heygen.errors import ApiError, invalid

REMEMBERED_S = 86_400.0
KEY_PATTERN = re.compile(r"[A-Za-z0-9_\-:.]{1,255}")
PAGE, PAGE_MOST = 10, 100


def guarded(account: Account, endpoint: Endpoint) -> Endpoint:
    """*endpoint*, for those who know the API key (as X-Api-Key or as a bearer token)."""

    async def answer(request: Request) -> Response:
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        given = request.headers.get("x-api-key", bearer)
        if account.settings.key_refused or not hmac.compare_digest(given.encode(), account.api_key.encode()):
            raise ApiError(401, "unauthorized", "Unauthorized")
        return await endpoint(request)

    return answer


def idempotent(account: Account, endpoint: Endpoint) -> Endpoint:
    """*endpoint*, where a repeated Idempotency-Key repeats the answer. Refusals are not remembered (assumption)."""

    async def answer(request: Request) -> Response:
        key = request.headers.get("idempotency-key")
        if key is None:
            return await endpoint(request)
        if not KEY_PATTERN.fullmatch(key):
            raise invalid("Idempotency-Key must be 1 to 255 characters of A-Z a-z 0-9 _ - : .", "Idempotency-Key")
        return await _once(account, (request.url.path, key), endpoint, request)

    return answer


async def _once(account: Account, key: tuple[str, str], endpoint: Endpoint, request: Request) -> Response:
    kept = account.remembered.get(key)
    if kept is not None and kept.until > time.monotonic():
        if kept.response is None:
            raise ApiError(409, "request_in_progress", "A request with this Idempotency-Key is in progress")
        return kept.response
    account.remembered[key] = Remembered(None, time.monotonic() + REMEMBERED_S)
    try:
        response = await endpoint(request)
    except BaseException:
        del account.remembered[key]
        raise
    account.remembered[key] = Remembered(response, time.monotonic() + REMEMBERED_S)
    return response


async def body_of(request: Request) -> dict[str, Any]:
    """The request's JSON object."""
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise invalid(f"Request body is not valid JSON: {error}") from error
    if not isinstance(body, dict):
        raise invalid("Request body must be a JSON object")
    return body


def check_fields(body: dict[str, Any], known: frozenset[str], required: Sequence[str]) -> None:
    """Raises 400 for a field that HeyGen does not know, or one that it needs."""
    for name in body:
        if name not in known:
            raise invalid(f"Unknown field '{name}'", name)
    for name in required:
        if not body.get(name):
            raise invalid(f"Field '{name}' is required", name)


def page(request: Request, rows: Sequence[Any], told: Callable[[Any], object]) -> Response:
    """One page of *rows*, each as *told* says it."""
    limit, token = request.query_params.get("limit", str(PAGE)), request.query_params.get("token") or "0"
    if not limit.isdigit() or not 1 <= int(limit) <= PAGE_MOST:
        raise invalid(f"limit must be between 1 and {PAGE_MOST}", "limit")
    if not token.isdigit():
        raise invalid("token is not valid", "token")
    start, stop = int(token), int(token) + int(limit)
    more = stop < len(rows)
    data = [told(row) for row in rows[start:stop]]
    return json({"data": data, "has_more": more, "next_token": str(stop) if more else None})

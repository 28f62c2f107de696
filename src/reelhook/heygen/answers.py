"""HeyGen's answers that mean no, as our errors in plain words (developers.heygen.com/docs/error-codes)."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from reelhook.events.lenient import first, ident, mapping, objects, text
from reelhook.heygen.errors import (
    HeyGenBusy,
    HeyGenError,
    HeyGenRefused,
    HeyGenUnauthorized,
    HeyGenUnavailable,
    RequestInProgress,
)
from reelhook.kit.text import shorten

LONGEST_WAIT_S = 3600.0
MOST_MESSAGE = 300
REQUEST_IDS = ("X-Request-Id", "x-amzn-RequestId", "x-amzn-Trace-Id")
TRY_LATER = (408, 425)

PLAIN = {
    "insufficient_credit": "not enough credit. Add credit to the HeyGen account",
    "resource_limit_exceeded": "a limit of the HeyGen plan is reached",
    "trial_video_limit_exceeded": "the trial's limit of videos is reached",
    "phone_verification_required": "the HeyGen account must verify a phone number first",
    "payload_too_large": "the request is too large",
}
PLAIN_STATUS = {402: PLAIN["insufficient_credit"], 413: PLAIN["payload_too_large"]}


def error_for(
    status: int, headers: Mapping[str, str], body: Mapping[str, Any], what: str, now: datetime
) -> HeyGenError:
    """The error for an answer that is not 2xx. *what* was asked for, e.g. `create the video`."""
    code, said = words(body)
    request_id = next((found for name in REQUEST_IDS if (found := ident(headers.get(name)))), None)
    kind, message = _verdict(status, code, said, what)
    return kind(
        message + (f" (request {request_id})" if request_id else ""),
        heygen_status=status,
        heygen_code=code,
        request_id=request_id,
        retry_after_s=retry_after_s(headers.get("Retry-After"), now) if kind.retryable else None,
    )


def words(body: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """HeyGen's code and message, from `{"error": {…}}` (v3), `{"errors": […]}` or the flat form of v1."""
    error = next(filter(None, [mapping(body.get("error")), *objects(body.get("errors"))]), body)
    code = ident(error.get("code"))
    return code, first(error, ("message", "msg", "detail"), lambda value: text(value, MOST_MESSAGE))


def _verdict(status: int, code: str | None, said: str | None, what: str) -> tuple[type[HeyGenError], str]:
    if status == 401:
        return HeyGenUnauthorized, f"HeyGen does not accept the API key to {what}. Set REELHOOK_HEYGEN_API_KEY."
    if status == 429:
        return HeyGenBusy, f"HeyGen is too busy to {what}: {said or 'too many requests'}"
    if status == 409 and code == "request_in_progress":
        return RequestInProgress, f"HeyGen is still working on an earlier request to {what}."
    if status >= 500 or status in TRY_LATER:
        return HeyGenUnavailable, f"HeyGen could not {what}: it answered {status}{_said(code, said)}"
    if status < 400:
        message = f"HeyGen answered {status} when asked to {what}, a redirect. Check REELHOOK_HEYGEN_BASE_URL."
        return HeyGenRefused, message
    return HeyGenRefused, f"HeyGen refused to {what}: {_reason(status, code, said)}"


def _reason(status: int, code: str | None, said: str | None) -> str:
    plain = PLAIN.get(code or "") or PLAIN_STATUS.get(status)
    return f"{plain}." if plain else f"{said or f'it answered {status}'}{f' [{code}]' if code else ''}"


def _said(code: str | None, said: str | None) -> str:
    return f", {said or code}" if said or code else ""


def retry_after_s(value: str | None, now: datetime) -> float | None:
    """The wait that a Retry-After header asks for, in seconds or as an HTTP date; an hour at most."""
    value = shorten((value or "").strip(), 64)
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", value):
        return min(float(value), LONGEST_WAIT_S)
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max((at - now).total_seconds(), 0.0), LONGEST_WAIT_S)

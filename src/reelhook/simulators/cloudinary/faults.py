"""What can go wrong at Cloudinary.

`on: "upload"` strikes uploads, each chunk by itself; the subject is `PUBLIC_ID`, of a chunk `PUBLIC_ID bytes 0-59/90`.
`on: "admin"` strikes the Admin API and everything else under `/v1_1`; the subject is `METHOD /path`.
`on: "delivery"` strikes delivery; the subject is the path. `on: "notification"` strikes a notification; the subject is
`PUBLIC_ID TYPE`.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from starlette.responses import HTMLResponse, Response

from reelhook.simulators.cloudinary.errors import CloudinaryError
from reelhook.simulators.connection import HangUp
from reelhook.simulators.control import json
from reelhook.simulators.faults import Fault

ANSWERS = frozenset({
    "delay",  # `seconds`, then as usual
    "drop",  # hangs up before anything is done
    "rate_limited",  # 420 with X-FeatureRateLimit headers; free again after `seconds`
    "still_processing",  # 423
    "server_error",  # 500
    "bad_gateway",  # 502 with a page
    "unavailable",  # 503, Retry-After: `seconds`
})  # fmt: skip
KINDS = {
    "upload": ANSWERS | {
        "drop_after",  # stores, then hangs up: the outcome is unknown to the client
        "error_after",  # stores, then answers 200 with an error in it
        "truncated",  # stores `bytes` fewer, and answers as if that were right
    },
    "admin": ANSWERS,
    "delivery": ANSWERS | {"slow", "drop_midway"},  # `bytes_per_s`; after `bytes`
    "notification": frozenset({"duplicate", "bad_signature", "never", "delay"}),
}  # fmt: skip
RATE_LIMIT = 2000  # per hour, on a paid plan
LIMIT_REACHED = f"Rate Limit Exceeded. Limit of {RATE_LIMIT} api operations reached."


def rate_headers(remaining: int, reset_s: float = 3600) -> dict[str, str]:
    """What every Admin answer says of its quota."""
    reset = datetime.now(UTC) + timedelta(seconds=reset_s)
    return {
        "X-FeatureRateLimit-Limit": str(RATE_LIMIT),
        "X-FeatureRateLimit-Remaining": str(remaining),
        "X-FeatureRateLimit-Reset": format_datetime(reset, usegmt=True),
    }


async def misbehave(fault: Fault | None) -> Response | None:
    """The answer that *fault* puts in place of the work; None when the work is to be done."""
    if fault is None:
        return None
    match fault.kind:
        case "delay":
            await asyncio.sleep(fault.seconds)
        case "drop":
            return HangUp()
        case "rate_limited":
            return CloudinaryError(420, LIMIT_REACHED, rate_headers(0, fault.seconds)).response()
        case "still_processing":
            return CloudinaryError(423, "Resource is being processed").response()
        case "server_error":
            return CloudinaryError(500, "General Error").response()
        case "bad_gateway":
            return HTMLResponse("<html><body><h1>502 Bad Gateway</h1></body></html>", 502)
        case "unavailable":
            wait = {"Retry-After": str(round(fault.seconds))} if fault.seconds else {}
            return CloudinaryError(503, "General Error", wait).response()
    return None


def answer_after(fault: Fault | None, stored: object) -> Response:
    """The answer once all is stored."""
    match fault.kind if fault else None:
        case "drop_after":
            return HangUp()
        case "error_after":
            return json({"error": {"message": "General Error"}})
        case _:
            return json(stored)

"""Who may call: a signature in the form, or key and secret as Basic, or the secret as a bearer token."""

import base64
import hmac
import time
from datetime import UTC, datetime

from starlette.requests import Request

from reelhook.simulators.cloudinary.account import Account
from reelhook.simulators.cloudinary.errors import CloudinaryError
from reelhook.simulators.cloudinary.form import Form
from reelhook.simulators.cloudinary.signing import signed_right, string_to_sign

STALE_S = 3600


def check_basic(account: Account, request: Request) -> None:
    """Raises 401 unless the Authorization header opens *account*."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    right = f"{account.api_key}:{account.secret}"
    if scheme == "Basic" and _same(value, base64.b64encode(right.encode()).decode()):
        return
    # Assumption: where a real OAuth token would stand, the simulator takes the secret.
    if scheme == "Bearer" and _same(value, account.secret):
        return
    raise CloudinaryError(401, "Invalid credentials" if scheme else "unknown api_key")


def check_form(account: Account, request: Request, form: Form) -> None:
    """Raises 401 for a wrong signature, 400 for one that is too old. An Authorization header does instead of both."""
    if "authorization" in request.headers:
        check_basic(account, request)
        return
    signature = form.text("signature")
    if form.text("api_key") != account.api_key:
        raise CloudinaryError(401, f"unknown api_key {form.text('api_key')}".rstrip())
    if not signed_right(form.fields, signature, account.secret):
        raise CloudinaryError(401, f"Invalid Signature {signature}. String to sign - '{string_to_sign(form.fields)}'.")
    _check_fresh(form.text("timestamp"))


def _check_fresh(timestamp: str) -> None:
    if not timestamp.isdigit():
        raise CloudinaryError(400, "Missing required parameter - timestamp")
    if int(timestamp) < time.time() - STALE_S:
        reported = datetime.fromtimestamp(int(timestamp), UTC).strftime("%Y-%m-%d %H:%M:%S +0000")
        raise CloudinaryError(400, f"Stale request - reported time is {reported} which is more than 1 hour ago")


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode(), right.encode())

"""How a message is signed: https://www.standardwebhooks.com, symmetric, version 1."""

import base64
import hashlib
import hmac
from collections.abc import Sequence

from reelhook.kit.ids import Ids

PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret(ids: Ids) -> str:
    """A secret as it is shown once: `whsec_` and the base64 of random bytes, which are the key."""
    return PREFIX + base64.b64encode(bytes.fromhex(ids.token(SECRET_BYTES))).decode()


def signed_headers(message_id: str, at: int, payload: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """The three headers of a message. *at* is the Unix time of this attempt, in seconds.

    There is one signature for each of *secrets*: a receiver that knows any of them can verify.
    """
    signed = f"{message_id}.{at}.".encode() + payload
    signatures = (f"v1,{_signature(secret, signed)}" for secret in secrets)
    return {"webhook-id": message_id, "webhook-timestamp": str(at), "webhook-signature": " ".join(signatures)}


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()

"""A body, secrets that sign it, and what is found wrong with a signature of it."""

import base64
import hmac

from reelhook.events import Secret, diagnose, sign

TAIL = base64.b64encode(b"a key of 24 bytes, really").decode()
LIVE = Secret("live", f"whsec_{TAIL}")
OLD = Secret("old", "whsec_old")
BODY = '{"event_type": "avatar_video.success", "event_data": {"title": "Grüße", "b": 1, "a": 2.5}}'.encode()
HEX = sign(BODY, LIVE.value)
WHOLE = LIVE.value.encode()
STAMPED = sign(b"1700000000." + BODY, LIVE.value)


def reason(
    body: bytes, signature: str, live: tuple[Secret, ...] = (LIVE,), retired: tuple[Secret, ...] = (OLD,)
) -> str:
    found = diagnose(body, {"signature": signature}, live, retired)
    for secret in (*live, *retired):
        assert secret.value not in found.detail
    assert signature not in found.detail
    return found.reason


def b64(key: bytes, content: bytes) -> str:
    return base64.b64encode(hmac.digest(key, content, "sha256")).decode()

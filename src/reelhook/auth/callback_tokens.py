"""Tokens in the addresses we give HeyGen as `callback_url`: they say which video a callback is about."""

import base64
import binascii
import hmac
import uuid

from reelhook.kit.sealing import Sealer

ID_BYTES = 16
# 128 bits: nobody forges one, and the address stays short.
MAC_BYTES = 16


class CallbackTokens:
    """43 characters, safe in an address: the video's id and a MAC over it. Good for ever; what it opens is a hint."""

    def __init__(self, sealer: Sealer) -> None:
        self._keys = sealer.signing_keys("callback")

    def issue(self, video_id: str) -> str:
        """The token of this video; *video_id* is a UUID."""
        raw = uuid.UUID(video_id).bytes
        return _text(raw + _mac(self._keys[0], raw))

    def video_id(self, token: str) -> str | None:
        """The video that *token* was made for, or None when we never made it."""
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        if len(raw) != ID_BYTES + MAC_BYTES or _text(raw) != token:
            return None
        named, mac = raw[:ID_BYTES], raw[ID_BYTES:]
        good = any(hmac.compare_digest(mac, _mac(key, named)) for key in self._keys)
        return str(uuid.UUID(bytes=named)) if good else None


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _mac(key: bytes, raw: bytes) -> bytes:
    return hmac.digest(key, raw, "sha256")[:MAC_BYTES]

"""Tokens in addresses that we give out: they name what they are about, such as the video of a `callback_url`."""

import base64
import binascii
import hmac
import uuid

from reelhook.kit.sealing import Sealer

ID_BYTES = 16
# 128 bits: nobody forges one, and the address stays short.
MAC_BYTES = 16


class IdTokens:
    """43 characters, safe in an address: an id and a MAC over it, for one *purpose*. Good for ever."""

    def __init__(self, sealer: Sealer, purpose: str) -> None:
        self._keys = sealer.signing_keys(purpose)

    def issue(self, id: str) -> str:
        """The token of this *id*, a UUID."""
        raw = uuid.UUID(id).bytes
        return _text(raw + _mac(self._keys[0], raw))

    def id(self, token: str) -> str | None:
        """The id that *token* was made for, or None when we never made it."""
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        if len(raw) != ID_BYTES + MAC_BYTES or _text(raw) != token:
            return None
        named, mac = raw[:ID_BYTES], raw[ID_BYTES:]
        good = any(hmac.compare_digest(mac, _mac(key, named)) for key in self._keys)
        return str(uuid.UUID(bytes=named)) if good else None


class CallbackTokens(IdTokens):
    """They name a video; what they open is a hint."""

    def __init__(self, sealer: Sealer) -> None:
        super().__init__(sealer, "callback")

    def video_id(self, token: str) -> str | None:
        """The video that *token* was made for, or None when we never made it."""
        return self.id(token)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _mac(key: bytes, raw: bytes) -> bytes:
    return hmac.digest(key, raw, "sha256")[:MAC_BYTES]

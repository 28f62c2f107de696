"""Signed links that expire, in the shape of CloudFront's."""

import base64
import hashlib
import hmac
import secrets
import time
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

KEY_PAIR_ID = "K38HBHX5LX3X2H"
_TO_CLOUDFRONT = str.maketrans("+=/", "-_~")
_FROM_CLOUDFRONT = str.maketrans("-_~", "+=/")
NONCE = 16


class Links:
    """Makes links and tells whether one is still good. No two links are alike, so that one alone can be revoked."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._key = secrets.token_bytes(32)
        self._revoked: set[str] = set()

    def sign(self, path: str, ttl_s: float) -> str:
        """A link to *path* that lives *ttl_s* seconds."""
        expires = str(int(time.time() + ttl_s))
        nonce = secrets.token_bytes(NONCE)
        signature = base64.b64encode(nonce + self._mac(path, expires, nonce)).decode().translate(_TO_CLOUDFRONT)
        query = urlencode({"Expires": expires, "Signature": signature, "Key-Pair-Id": KEY_PAIR_ID}, safe="~")
        return f"{self._base_url}{path}?{query}"

    def good(self, path: str, query: QueryParams) -> bool:
        """Signed by us, for this path, not expired and not revoked."""
        expires, signature = query.get("Expires", ""), query.get("Signature", "")
        if query.get("Key-Pair-Id") != KEY_PAIR_ID or signature in self._revoked:
            return False
        if not expires.isdigit() or int(expires) < time.time():
            return False
        try:
            raw = base64.b64decode(signature.translate(_FROM_CLOUDFRONT), validate=True)
        except ValueError:
            return False
        return hmac.compare_digest(raw[NONCE:], self._mac(path, expires, raw[:NONCE]))

    def revoke(self, query: QueryParams) -> None:
        """From now on this link is as good as expired."""
        self._revoked.add(query.get("Signature", ""))

    def _mac(self, path: str, expires: str, nonce: bytes) -> bytes:
        return hmac.digest(self._key, f"{path}\n{expires}\n".encode() + nonce, hashlib.sha256)

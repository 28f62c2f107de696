"""Signed links to one stored file: for outsiders, for a while, and only while their issuer has access."""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from reelhook.auth.issuers import Issuers
from reelhook.auth.principal import Principal, of_link
from reelhook.auth.refusals import MediaLinkExpired, MediaLinkRevoked
from reelhook.errors import NotFound
from reelhook.kit.clock import Clock
from reelhook.kit.sealing import Sealer

SHORTEST_S, USUAL_S, LONGEST_S = 60, 24 * 3600, 7 * 24 * 3600
SIGNED = re.compile(r"/media/([^/]+)")
SECONDS = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True)
class MediaLink:
    """A link just made, relative to our own address, and when it ends."""

    path: str
    expires_at: datetime


class MediaLinks:
    """Signs with the newest key, accepts any (HMAC-SHA256). Nothing is stored."""

    def __init__(self, clock: Clock, sealer: Sealer, issuers: Issuers) -> None:
        self._clock, self._issuers = clock, issuers
        self._keys = sealer.signing_keys("media")

    def issue(self, by: Principal, asset_id: str, ttl_s: int = USUAL_S, *, download: bool = False) -> MediaLink:
        """A link to the stored file *asset_id*; with *download* a browser saves it instead of showing it.

        It ends after *ttl_s* seconds, and with the API key that asked for it at the latest.
        """
        expires_at = (self._clock.now() + timedelta(seconds=ttl_s)).replace(microsecond=0)
        if by.kind == "key" and by.expires_at is not None:
            expires_at = min(expires_at, by.expires_at.replace(microsecond=0))
        expires = str(int(expires_at.timestamp()))
        signature = _signature(self._keys[0], asset_id, expires, by.actor, download)
        told = {"expires": expires, "by": by.actor, **({"download": "1"} if download else {}), "signature": signature}
        return MediaLink(f"/media/{asset_id}?{urlencode(told, safe=':')}", expires_at)

    async def find(self, path: str, query: QueryParams) -> Principal:
        """Whoever holds the link that *path* and *query* are: what its issuer may see of this one file.

        Raises *NotFound*, as for media that do not exist, unless we signed it; else *MediaLinkExpired*,
        *MediaLinkRevoked*.
        """
        asset_id = path.removeprefix("/media/")
        expires, by, given = query.get("expires", ""), query.get("by", ""), query.get("signature", "")
        if not SECONDS.fullmatch(expires) or not self._signed(given, asset_id, expires, by, _download(query)):
            raise NotFound(f"there is no media {asset_id}")
        expires_at = datetime.fromtimestamp(int(expires), UTC)
        if expires_at <= self._clock.now():
            raise MediaLinkExpired("this link has expired; ask whoever gave it to you for another one")
        issuer = await self._issuers.find(by)
        if issuer is None or not issuer.may("videos:read"):
            raise MediaLinkRevoked("whoever gave this link out has no access any more; ask for another one")
        return of_link(asset_id, issuer, expires_at)

    def _signed(self, given: str, asset_id: str, expires: str, by: str, download: bool) -> bool:
        signature = given.encode("utf-8", "replace")
        right = [_signature(key, asset_id, expires, by, download).encode() for key in self._keys]
        return any(hmac.compare_digest(signature, each) for each in right)


def is_signed(method: str, path: str, query: QueryParams) -> bool:
    """Whether a request means to come by such a link: then nothing else it carries counts."""
    return method in ("GET", "HEAD") and SIGNED.fullmatch(path) is not None and "signature" in query


def _download(query: QueryParams) -> bool:
    return query.get("download") == "1"


def _signature(key: bytes, asset_id: str, expires: str, by: str, download: bool) -> str:
    """Over every part, each ended by a byte that is in none of them, lest two links have the same text."""
    signed = "\0".join((asset_id, expires, by, "download" if download else "show"))
    mac = hmac.new(key, signed.encode("utf-8", "replace"), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()

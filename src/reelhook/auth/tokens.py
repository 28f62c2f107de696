"""Stream tokens: what a builder's backend gives to one of its own users' browsers (JWT, RFC 7519, HS256)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from reelhook.auth.issuers import Issuers
from reelhook.auth.principal import Principal, of_token
from reelhook.auth.refusals import TokenExpired
from reelhook.errors import WrongInput
from reelhook.kit.clock import Clock
from reelhook.kit.sealing import Sealer
from reelhook.kit.times import rfc3339

RENEWED_AT = "/api/v1/stream-tokens"
AUDIENCE = "reelhook-stream"
ALGORITHM = "HS256"
SHORTEST_S, USUAL_S, LONGEST_S = 10, 3600, 24 * 3600
CLAIMS = ("sub", "aud", "exp", "iss")
# PyJWT judges times by the machine's clock; ours is injected, so the one time we use is compared here.
NO_TIMES: Any = {"require": list(CLAIMS), "verify_exp": False, "verify_iat": False, "verify_nbf": False}


@dataclass(frozen=True)
class StreamToken:
    """A token just made, and when it ends."""

    token: str
    expires_at: datetime


class StreamTokens:
    """Signs with the newest key, accepts any. Nothing is stored; a token ends early when its issuer loses access."""

    def __init__(self, clock: Clock, sealer: Sealer, issuers: Issuers) -> None:
        self._clock, self._issuers = clock, issuers
        self._keys = sealer.signing_keys("stream")

    def issue(
        self, by: Principal, subject: str, video_ids: Sequence[str] | None = None, ttl_s: int = USUAL_S
    ) -> StreamToken:
        """A token that sees the videos of *subject*, or those of them in *video_ids*. Raises *WrongInput*.

        It ends after *ttl_s* seconds, and with the API key that asked for it at the latest.
        """
        if not SHORTEST_S <= ttl_s <= LONGEST_S:
            raise WrongInput(f"ttl_s must be {SHORTEST_S} to {LONGEST_S} seconds")
        expires_at = (self._clock.now() + timedelta(seconds=ttl_s)).replace(microsecond=0)
        if by.kind == "key" and by.expires_at is not None:
            expires_at = min(expires_at, by.expires_at.replace(microsecond=0))
        claims: dict[str, Any] = {"sub": subject, "aud": AUDIENCE, "exp": int(expires_at.timestamp()), "iss": by.actor}
        if video_ids is not None:
            claims["vid"] = list(video_ids)
        return StreamToken(jwt.encode(claims, self._keys[0], ALGORITHM), expires_at)

    async def find(self, token: str) -> Principal | None:
        """The principal of a token that is good, None for any other text. Raises *TokenExpired* for one that was."""
        claims = self._claims(token)
        if claims is None:
            return None
        expires_at = datetime.fromtimestamp(claims["exp"], UTC)
        if expires_at <= self._clock.now():
            raise TokenExpired(f"this token expired at {rfc3339(expires_at)}; get another one (POST {RENEWED_AT})")
        issuer = await self._issuers.find(claims["iss"])
        if issuer is None or not issuer.may("stream-tokens"):
            return None
        video_ids = claims.get("vid")
        only = None if video_ids is None else frozenset(video_ids)
        return of_token(claims["sub"], only, expires_at, issuer=claims["iss"])

    def _claims(self, token: str) -> dict[str, Any] | None:
        for key in self._keys:
            try:
                return jwt.decode(token, key, algorithms=[ALGORITHM], audience=AUDIENCE, options=NO_TIMES)
            except (jwt.InvalidTokenError, UnicodeError):
                continue
        return None

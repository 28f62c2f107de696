"""The keys by which the provider signs, as it publishes them (RFC 7517)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from reelhook.auth.oidc.errors import OidcRefused, OidcUnavailable
from reelhook.kit.clock import Clock

# What a token may be signed with, and the kind of key that this takes. Nothing symmetric, and never `none`: a public
# key is no secret, so a token "signed" with it as an HMAC key proves nothing.
ALGORITHMS = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC", "EdDSA": "OKP"}
LEAST_RSA_BITS = 2048
LIFETIME_S = 3600.0
AGAIN_S = 60.0  # not more often than this for a key that we do not know
MOST_KEYS = 100

Document = dict[str, Any]


class ProviderKeys:
    """Fetched when they are needed, kept for an hour, and fetched anew for a key that is not among them."""

    def __init__(self, clock: Clock, fetch: Callable[[], Awaitable[Document]]) -> None:
        self._clock, self._fetch, self._lock = clock, fetch, asyncio.Lock()
        self._kept: list[Document] | None = None
        self._since = 0.0

    async def find(self, kid: str | None, algorithm: str) -> jwt.PyJWK:
        """The key *kid* for *algorithm*; without *kid* the only one that fits. Raises *OidcRefused* when there is none.

        Raises *OidcUnavailable* when the keys cannot be fetched.
        """
        async with self._lock:
            kept = self._kept
            if kept is None or self._age() >= LIFETIME_S:
                kept = await self._renew()
            found = _fitting(kept, kid, algorithm)
            if found is None and self._age() >= AGAIN_S:
                found = _fitting(await self._renew(), kid, algorithm)
        if found is None:
            raise OidcRefused("the token is signed with a key that the provider does not publish")
        return _usable(found, algorithm)

    async def count(self) -> int:
        """How many keys there are that a token may be signed with. Raises *OidcUnavailable* when there is none."""
        fitting = [key for key in await self._renew() if key.get("kty") in ALGORITHMS.values()]
        if not fitting:
            raise OidcUnavailable(f"the provider publishes no key for {', '.join(ALGORITHMS)}")
        return len(fitting)

    def _age(self) -> float:
        return self._clock.monotonic() - self._since

    async def _renew(self) -> list[Document]:
        keys = (await self._fetch()).get("keys")
        if not isinstance(keys, list):
            raise OidcUnavailable("the provider's key set holds no list of keys")
        self._kept = [key for key in keys[:MOST_KEYS] if isinstance(key, dict)]
        self._since = self._clock.monotonic()
        return self._kept


def _fitting(keys: list[Document], kid: str | None, algorithm: str) -> Document | None:
    """Only a key that is meant for this: a key for encryption, or for another algorithm, proves nothing here."""
    found = [
        key
        for key in keys
        if key.get("kty") == ALGORITHMS[algorithm]
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (kid is None or key.get("kid") == kid)
    ]
    return found[0] if len(found) == 1 else None


def _usable(key: Document, algorithm: str) -> jwt.PyJWK:
    try:
        made = jwt.PyJWK(key, algorithm)
    except (jwt.PyJWTError, ArithmeticError, LookupError, TypeError, ValueError):
        raise OidcRefused("the token is signed with a published key that cannot be read") from None
    if isinstance(made.key, RSAPublicKey) and made.key.key_size < LEAST_RSA_BITS:
        raise OidcRefused(f"the token is signed with an RSA key of fewer than {LEAST_RSA_BITS} bits")
    return made

"""What an ID token says, once it is proved to be the provider's word to us, now (OpenID Connect Core, 3.1.3.7)."""

import hmac
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import jwt

from reelhook.auth import emails
from reelhook.auth.oidc.errors import OidcRefused
from reelhook.auth.oidc.keys import ALGORITHMS, ProviderKeys
from reelhook.errors import WrongInput

LEEWAY_S = 60  # how far the provider's clock may be from ours
LONGEST_SUBJECT = 255
MOST_TOKEN = 32 * 1024
# PyJWT judges times by the machine's clock; ours is injected. The audience has rules that PyJWT does not know.
SIGNATURE_ONLY: Any = {
    "verify_signature": True,
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}


@dataclass(frozen=True)
class Claims:
    """A person as the provider knows them: *email* only if the provider has verified that it is theirs."""

    issuer: str
    subject: str
    email: str | None

    def told_more(self, told: dict[str, Any]) -> "Claims":
        """With the e-mail address out of a UserInfo answer, if that speaks of the same person. *OidcRefused* else."""
        if told.get("sub") != self.subject:
            raise OidcRefused("the provider's UserInfo speaks of somebody else")
        return replace(self, email=_verified_email(told))


@dataclass(frozen=True)
class Expected:
    """What the token must say."""

    issuer: str
    client_id: str
    nonce: str
    now: datetime


async def verified(token: str, keys: ProviderKeys, expected: Expected) -> Claims:
    """The claims of *token*. Raises *OidcRefused* with what is wrong with it, *OidcUnavailable* without the keys."""
    if len(token) > MOST_TOKEN:
        raise OidcRefused("the ID token is too long")
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, RecursionError):
        raise OidcRefused("the ID token is no signed token") from None
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in ALGORITHMS:
        raise OidcRefused(f"the ID token is signed by {str(algorithm)[:20]!r}; use one of {', '.join(ALGORITHMS)}")
    key = await keys.find(kid, algorithm)
    try:
        said = jwt.decode(token, key.key, algorithms=[algorithm], options=SIGNATURE_ONLY)
    except (jwt.PyJWTError, RecursionError):
        raise OidcRefused("the signature of the ID token is wrong") from None
    _require(said, expected)
    return Claims(expected.issuer, _subject(said), _verified_email(said))


def _require(said: dict[str, Any], expected: Expected) -> None:
    if said.get("iss") != expected.issuer:
        raise OidcRefused("the ID token is from another issuer")
    audience = said.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience if isinstance(audience, list) else []
    if expected.client_id not in audiences:
        raise OidcRefused("the ID token is for another client")
    party = said.get("azp")
    if party != expected.client_id and (party is not None or len(audiences) > 1):
        raise OidcRefused("the ID token was issued to another party")
    nonce = said.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), expected.nonce.encode()):
        raise OidcRefused("the ID token answers another request: its nonce is wrong")
    _require_now(said, expected.now.timestamp())


def _require_now(said: dict[str, Any], now: float) -> None:
    if _moment(said, "exp") <= now - LEEWAY_S:
        raise OidcRefused("the ID token has expired")
    if _moment(said, "iat") > now + LEEWAY_S:
        raise OidcRefused("the ID token was issued in the future: is a clock wrong?")
    if "nbf" in said and _moment(said, "nbf") > now + LEEWAY_S:
        raise OidcRefused("the ID token is not valid yet: is a clock wrong?")


def _moment(said: dict[str, Any], name: str) -> float:
    value = said.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise OidcRefused(f"the ID token has no {name}")
    return value


def _subject(said: dict[str, Any]) -> str:
    subject = said.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise OidcRefused("the ID token has no sub")
    return subject


def _verified_email(said: dict[str, Any]) -> str | None:
    email = said.get("email")
    if not isinstance(email, str) or said.get("email_verified") is not True:
        return None
    try:
        return emails.checked(email)
    except WrongInput:
        return None

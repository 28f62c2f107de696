"""HeyGen's signature: who signed this delivery.

HMAC-SHA256 over the raw body, keyed with the whole endpoint secret as text (`whsec_` included), in lower-case hex
(developers.heygen.com/docs/webhooks). It covers the body only: neither time nor address is signed.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

# What is seen on the wire, and what the documentation says. Both carry the same digest.
HEADERS = ("signature", "heygen-signature")
DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Secret:
    """One endpoint's secret, without surrounding whitespace. An empty one is refused: anybody could sign with it."""

    id: str
    value: str = field(repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", self.value.strip())
        if not self.value:
            raise ValueError(f"the webhook secret {self.id} is empty")


@dataclass(frozen=True)
class Claim:
    """A well-formed signature, and the header that carried it."""

    header: str
    digest: str


def sign(body: bytes, secret: str) -> str:
    """The signature HeyGen would send for *body*."""
    return keyed(body, secret.encode("utf-8", "surrogateescape"))


def keyed(body: bytes, key: bytes) -> str:
    """HMAC-SHA256 of *body* in hex."""
    return hmac.digest(key, body, hashlib.sha256).hex()


def claims(headers: Mapping[str, str]) -> tuple[Claim, ...]:
    """Every well-formed signature among *headers*, whatever the case of their names."""
    return tuple(
        Claim(name, digest)
        for name, value in sent(headers)
        if DIGEST.fullmatch(digest := value.strip().lower().removeprefix("sha256="))
    )


def sent(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    """The headers that may carry a signature, with their names in lower case."""
    return [(name.lower(), value) for name, value in headers.items() if name.lower() in HEADERS]


def matching(body: bytes, claims: Sequence[Claim], secrets: Sequence[Secret]) -> Secret | None:
    """The secret that signed *body*, or None. Takes the same time wherever in *secrets* it stands."""
    found = None
    for secret in secrets:
        want = sign(body, secret.value)
        # A sum, not any(): every claim is compared, even after one has matched.
        right = sum(hmac.compare_digest(claim.digest, want) for claim in claims)
        if right and found is None:
            found = secret
    return found

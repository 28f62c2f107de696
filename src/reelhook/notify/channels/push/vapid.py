"""Who sends (VAPID, RFC 8292): a key of our own, by which push services and browsers know this installation."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from yarl import URL

from reelhook.notify.channels.push.encryption import CURVE, encoded, point

# Services refuse a token that lasts longer than a day, and clocks differ.
LASTS = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class VapidKey:
    """The key that every subscription was made for: with another one they all would be void."""

    private: ec.EllipticCurvePrivateKey

    @classmethod
    def make(cls) -> Self:
        return cls(ec.generate_private_key(CURVE))

    @classmethod
    def read(cls, pem: str) -> Self:
        """The key that `pem` wrote. Raises *ValueError*."""
        key = load_pem_private_key(pem.encode(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError("it is no key of an elliptic curve")
        return cls(key)

    @property
    def pem(self) -> str:
        """To be kept sealed."""
        return self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    @property
    def public(self) -> str:
        """What browsers subscribe with (`applicationServerKey`)."""
        return encoded(point(self.private.public_key()))

    def authorization(self, endpoint: URL, now: datetime, contact: str) -> str:
        """The header of a message to *endpoint*; *contact* is where the service may complain: https: or mailto:."""
        claims = {"aud": str(endpoint.origin()), "exp": int((now + LASTS).timestamp()), "sub": contact}
        return f"vapid t={jwt.encode(claims, self.private, algorithm='ES256')}, k={self.public}"

"""Keeping secrets: sealed at rest, signed in tokens. One set of keys serves both, each use with a key of its own."""

import base64
from collections.abc import Sequence
from contextlib import suppress

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class CannotUnseal(ValueError):
    """None of the keys at hand opens this sealed text."""


def derive(key: str, purpose: str) -> bytes:
    """32 bytes for one *purpose* (HKDF-SHA256, RFC 5869), so that no two uses share a key."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"reelhook/{purpose}".encode()).derive(key.encode())


class Sealer:
    """Seals with the newest key, opens with any of them (Fernet: AES-128-CBC and HMAC-SHA256)."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise ValueError("a sealer needs at least one key")
        self._keys = tuple(keys)
        self._each = [Fernet(base64.urlsafe_b64encode(derive(key, "seal"))) for key in keys]
        self._fernet = MultiFernet(self._each)

    def seal(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """The text that was sealed. Raises *CannotUnseal* when its key is gone or it was changed."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise CannotUnseal("sealed with a key that is not among the present ones") from None

    def age(self, sealed: str) -> int:
        """By which key it is sealed: 0 for the newest. Raises *CannotUnseal*."""
        for age, fernet in enumerate(self._each):
            with suppress(InvalidToken):
                fernet.decrypt(sealed.encode())
                return age
        raise CannotUnseal("sealed with a key that is not among the present ones")

    @property
    def fingerprints(self) -> list[str]:
        """What tells the keys apart and tells nothing about them, newest first."""
        return [derive(key, "fingerprint").hex()[:12] for key in self._keys]

    def signing_keys(self, purpose: str) -> list[bytes]:
        """Keys for signing tokens of one *purpose*, newest first: sign with the first, accept any."""
        return [derive(key, f"sign/{purpose}") for key in self._keys]

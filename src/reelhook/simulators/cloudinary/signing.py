"""Cloudinary's signatures: of requests, of upload answers, of notifications. Plain hashes, no HMAC."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence

UNSIGNED = ("file", "api_key", "signature", "cloud_name", "resource_type")
ALGORITHMS = {40: "sha1", 64: "sha256"}

Fields = Mapping[str, str | Sequence[str]]


def string_to_sign(fields: Fields, version: int = 2) -> str:
    """What a request's signature is the hash of (before the secret). Version 2 escapes `&` within a value."""
    pairs = []
    for name, value in fields.items():
        text = value if isinstance(value, str) else ",".join(value)
        if name not in UNSIGNED and text:
            pair = f"{name}={text}"
            pairs.append(pair.replace("&", "%26") if version == 2 else pair)
    return "&".join(sorted(pairs))


def digest(text: str | bytes, secret: str, algorithm: str = "sha1") -> str:
    """Hex hash of *text* with *secret* after it."""
    raw = text.encode() if isinstance(text, str) else text
    return hashlib.new(algorithm, raw + secret.encode()).hexdigest()


def signed_right(fields: Fields, signature: str, secret: str) -> bool:
    """Whether *signature* fits, in either version; its length tells the algorithm."""
    algorithm = ALGORITHMS.get(len(signature))
    if algorithm is None:
        return False
    rights = (digest(string_to_sign(fields, version), secret, algorithm) for version in (1, 2))
    return any(hmac.compare_digest(right.encode(), signature.encode()) for right in rights)

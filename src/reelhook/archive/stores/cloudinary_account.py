"""Which Cloudinary cloud, and with whose key: CLOUDINARY_URL, read by us and given to every single call.

The SDK's own configuration is one for the whole process and mixed with the environment; it is never used.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from reelhook.errors import WrongSetting

API = "https://api.cloudinary.com"
ALGORITHMS = {40: "sha1", 64: "sha256"}


@dataclass(frozen=True)
class Account:
    """One cloud. *prefix* is where its APIs answer."""

    cloud: str
    key: str
    secret: str
    prefix: str = API

    @classmethod
    def parse(cls, url: str) -> Self:
        """From `cloudinary://KEY:SECRET@CLOUD`, with an optional `?upload_prefix=`. Raises *WrongSetting*.

        The secret is taken as it is: like the SDK, without undoing percent signs.
        """
        parts = urlsplit(url)
        if parts.scheme != "cloudinary" or not (parts.hostname and parts.username and parts.password):
            raise WrongSetting("REELHOOK_CLOUDINARY_URL must look like cloudinary://KEY:SECRET@CLOUD")
        prefix = parse_qs(parts.query).get("upload_prefix", [API])[0]
        return cls(parts.hostname, parts.username, parts.password, prefix.rstrip("/"))

    @property
    def options(self) -> dict[str, Any]:
        """Everything the SDK would otherwise take from its global configuration."""
        return {
            "cloud_name": self.cloud,
            "api_key": self.key,
            "api_secret": self.secret,
            "upload_prefix": self.prefix,
            "oauth_token": None,
            "upload_preset": None,
            "signature_algorithm": "sha1",
            "signature_version": 2,
        }

    def signed(self, answer: Mapping[str, Any]) -> bool:
        """Whether an upload's answer carries the signature that only the holder of the secret can make."""
        signature = str(answer.get("signature"))
        algorithm = ALGORITHMS.get(len(signature))
        if algorithm is None:
            return False
        text = f"public_id={answer.get('public_id')}&version={answer.get('version')}{self.secret}"
        return hmac.compare_digest(hashlib.new(algorithm, text.encode()).hexdigest().encode(), signature.encode())

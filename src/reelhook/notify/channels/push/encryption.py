"""Message encryption for web push (RFC 8291): only the browser that subscribed can read what a push service carries."""

import base64
import binascii
import os
import struct

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()
AUTH_BYTES = 16
SALT_BYTES = 16
RECORD = 4096  # the most that every push service takes
LAST_RECORD = b"\x02"
PADDED_TO = 256  # the length tells little more than that something was said


class BadKeys(ValueError):
    """The keys of a subscription are none."""


def decoded(text: str) -> bytes:
    """The bytes of a base64url *text*, with padding or without. Raises *BadKeys*."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise BadKeys("it is not base64url") from None


def encoded(content: bytes) -> str:
    """base64url without padding, as the Push API writes keys."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def browser_key(p256dh: str) -> ec.EllipticCurvePublicKey:
    """The browser's public key. Raises *BadKeys* for what is no point of the curve P-256."""
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, decoded(p256dh))
    except ValueError:
        raise BadKeys("p256dh must be a point of the curve P-256 in base64url") from None


def shared_secret(auth: str) -> bytes:
    """The subscription's authentication secret. Raises *BadKeys*."""
    content = decoded(auth)
    if len(content) != AUTH_BYTES:
        raise BadKeys(f"auth must be {AUTH_BYTES} bytes in base64url")
    return content


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    """A public key as 65 bytes."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def encrypt(
    payload: bytes,
    p256dh: str,
    auth: str,
    *,
    key: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
    padded_to: int = PADDED_TO,
) -> bytes:
    """The body of a push message, one record of `aes128gcm` (RFC 8188).

    *key* and *salt* are new for each message; only the RFC's own example names them. Raises *BadKeys*.
    """
    theirs, secret = browser_key(p256dh), shared_secret(auth)
    key = key or ec.generate_private_key(CURVE)
    salt = salt or os.urandom(SALT_BYTES)
    ours = point(key.public_key())
    agreed = _derived(key.exchange(ec.ECDH(), theirs), secret, b"WebPush: info\0" + point(theirs) + ours, 32)
    content_key = _derived(agreed, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(agreed, salt, b"Content-Encoding: nonce\0", 12)
    text = payload + LAST_RECORD
    text += bytes(-len(text) % padded_to)
    head = salt + struct.pack("!LB", RECORD, len(ours)) + ours
    return head + AESGCM(content_key).encrypt(nonce, text, None)


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)

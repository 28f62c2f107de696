"""A push service on loopback and the browsers behind it, from RFC 8030, 8188, 8291 and 8292: nothing here is ours.

It takes a message only if its headers are right and the sender has shown who it is; a browser reads it with
its own key.
"""

import asyncio
import base64
import json
import os
import struct
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

DAY_S = 86_400


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _hmac(key: bytes, content: bytes) -> bytes:
    digest = hmac.HMAC(key, hashes.SHA256())
    digest.update(content)
    return digest.finalize()


@dataclass
class Subscriber:
    """A browser that subscribed: what it gives away, and what it keeps."""

    endpoint: str
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def point(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @property
    def keys(self) -> dict[str, str]:
        return {"p256dh": self.p256dh, "auth": self.auth}

    @property
    def p256dh(self) -> str:
        return b64(self.point)

    @property
    def auth(self) -> str:
        return b64(self.secret)

    def read(self, body: bytes) -> bytes:
        """RFC 8291, section 3.4, over RFC 8188: one record."""
        salt, size, length = body[:16], *struct.unpack("!LB", body[16:21])
        theirs, cipher = body[21 : 21 + length], body[21 + length :]
        assert 18 <= len(cipher) <= size
        sender = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs)
        agreed = _hmac(self.secret, self.private.exchange(ec.ECDH(), sender))
        material = _hmac(agreed, b"WebPush: info\0" + self.point + theirs + b"\x01")
        extracted = _hmac(salt, material)
        key = _hmac(extracted, b"Content-Encoding: aes128gcm\0\x01")[:16]
        nonce = _hmac(extracted, b"Content-Encoding: nonce\0\x01")[:12]
        text = AESGCM(key).decrypt(nonce, cipher, None).rstrip(b"\0")
        assert text[-1:] == b"\x02", "not marked as the last record"
        return text[:-1]


@dataclass(frozen=True)
class Taken:
    """One message that the service took."""

    path: str
    headers: dict[str, str]
    body: bytes
    claims: dict[str, Any]
    key: str


class Rude(Exception):
    """A request that RFC 8030 or 8292 forbids."""


def sender_of(header: str, audience: str, now: float) -> tuple[dict[str, Any], str]:
    """The claims of a VAPID header and the key that signed them (RFC 8292, sections 2 and 3)."""
    scheme, _, rest = header.partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    head, claims, signature = parts["t"].split(".")
    raw = unb64(signature)
    if scheme != "vapid" or json.loads(unb64(head))["alg"] != "ES256" or len(raw) != 64:
        raise Rude("the authorization is no VAPID")
    numbers = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unb64(parts["k"]))
    key.verify(numbers, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    said = json.loads(unb64(claims))
    if said["aud"] != audience:
        raise Rude(f"the token is for {said['aud']}, not {audience}")
    if not now < said["exp"] <= now + DAY_S:
        raise Rude("the token has expired, or lasts longer than a day")
    if not said["sub"].startswith(("mailto:", "https://")):
        raise Rude("nobody to complain to")
    return said, parts["k"]


@dataclass
class PushService:
    """*answers* come one after the other, each a status and a Retry-After; the last one stays."""

    address: str = ""
    now: float | None = None
    answers: list[tuple[int, str | None]] = field(default_factory=lambda: [(201, None)])
    taken: list[Taken] = field(default_factory=list)
    subscribers: list[Subscriber] = field(default_factory=list)
    hold: asyncio.Event | None = None
    """While it is there and not set, nothing is answered."""

    @property
    def origin(self) -> str:
        return f"http://{self.address}"

    def subscriber(self) -> Subscriber:
        """One more browser."""
        one = Subscriber(f"{self.origin}/push/{len(self.subscribers)}")
        self.subscribers.append(one)
        return one

    def will(self, *answers: int | tuple[int, str]) -> None:
        self.answers = [(one, None) if isinstance(one, int) else one for one in answers]

    def messages(self, subscriber: Subscriber) -> list[dict[str, Any]]:
        """What that browser has read."""
        mine = (one for one in self.taken if subscriber.endpoint.endswith(one.path))
        return [json.loads(subscriber.read(one.body)) for one in mine]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = await request.read()
        if self.hold is not None:
            await self.hold.wait()
        try:
            claims, key = sender_of(headers["authorization"], self.origin, self.now or time.time())
            self._judge(headers, body)
        except (Rude, KeyError, ValueError) as wrong:
            return web.Response(status=400, text=repr(wrong))
        status, wait = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if status in (201, 202):
            self.taken.append(Taken(request.path, headers, body, claims, key))
        return web.Response(status=status, headers={} if wait is None else {"Retry-After": wait})

    def _judge(self, headers: dict[str, str], body: bytes) -> None:
        if headers["content-encoding"] != "aes128gcm" or len(body) > 4096 or int(headers["ttl"]) < 0:
            raise Rude("not a message that is taken")
        topic = headers.get("topic", "")
        if len(topic) > 32 or not topic.replace("-", "").replace("_", "").isalnum():
            raise Rude(f"topic {topic!r}")
        if headers.get("urgency", "normal") not in ("very-low", "low", "normal", "high"):
            raise Rude("no such urgency")


@asynccontextmanager
async def pushing() -> AsyncIterator[PushService]:
    """The service, on a port of its own."""
    service = PushService()
    app = web.Application()
    app.router.add_post("/push/{browser}", service.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    service.address = f"{host}:{port}"
    yield service
    await runner.cleanup()

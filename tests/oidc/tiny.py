"""A provider of our own on loopback, which says whatever a test wants it to say, right or wrong."""

import base64
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

CLIENT_ID, CLIENT_SECRET = "our client", "s%cret"


def key(kid: str, algorithm: str = "RS256", bits: int = 2048) -> tuple[Any, dict[str, Any]]:
    """A private key, and its public half as a JWK; the same each time."""
    return _made(kid, algorithm, bits)


@cache
def _made(kid: str, algorithm: str, bits: int) -> tuple[Any, dict[str, Any]]:
    if algorithm == "ES256":
        private: Any = ec.generate_private_key(ec.SECP256R1())
        public = ECAlgorithm.to_jwk(private.public_key(), as_dict=True)
    elif algorithm == "EdDSA":
        private = ed25519.Ed25519PrivateKey.generate()
        public = OKPAlgorithm.to_jwk(private.public_key(), as_dict=True)
    else:
        private = rsa.generate_private_key(public_exponent=65537, key_size=bits)
        public = RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
    return private, {**public, "kid": kid, "use": "sig", "key_ops": ["verify"]}


@dataclass
class Tiny:
    """What it says; *asked* are the paths of all requests, *posted* the last form that came to the token endpoint."""

    now: Callable[[], datetime]
    issuer: str = ""
    challenge: str = ""
    nonce: str = ""
    algorithm: str = "RS256"
    signs_with: tuple[Any, dict[str, Any]] = field(default_factory=lambda: key("one"))
    header: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    raw_token: str | None = None
    published: list[dict[str, Any]] | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] | None = None
    answers: dict[str, web.Response] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    posted: dict[str, str] = field(default_factory=dict)
    authorization: str | None = None

    def id_token(self) -> str:
        if self.raw_token is not None:
            return self.raw_token
        now = int(self.now().timestamp())
        usual = {"iss": self.issuer, "sub": "s-1", "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": self.nonce}
        said = {**usual, "email": "ada@example.com", "email_verified": True, **self.claims}
        said = {name: value for name, value in said.items() if name not in self.without}
        named = {"kid": self.signs_with[1]["kid"]} | self.header
        header = {name: value for name, value in named.items() if value is not None}
        return jwt.encode(said, self.signs_with[0], self.algorithm, header)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        if request.path in self.answers:
            return self.answers.pop(request.path)
        if request.path == "/.well-known/openid-configuration":
            return web.json_response(self._description())
        if request.path == "/keys":
            return web.json_response({"keys": [self.signs_with[1]] if self.published is None else self.published})
        if request.path == "/userinfo":
            assert request.headers["authorization"] == "Bearer the-access-token"
            return web.json_response(self.told)
        assert request.path == "/token"
        self.posted = {name: str(value) for name, value in (await request.post()).items()}
        self.authorization = request.headers.get("authorization")
        digest = hashlib.sha256(self.posted["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != self.challenge:
            return web.json_response({"error": "invalid_grant"}, status=400)
        return web.json_response({"id_token": self.id_token(), "access_token": "the-access-token"})

    def _description(self) -> dict[str, Any]:
        named = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
        named |= {"userinfo_endpoint": "/userinfo"} if self.told is not None else {}
        described = {"issuer": self.issuer, **{name: self.issuer + path for name, path in named.items()}}
        return {**described, **self.metadata}


def text(body: str, status: int = 200, **headers: str) -> web.Response:
    return web.Response(text=body, status=status, headers=headers, content_type="application/json")


def unsigned(claims: dict[str, Any], algorithm: str = "none") -> str:
    """A token that nobody signed."""
    parts = (json.dumps(part).encode() for part in ({"alg": algorithm, "kid": "one"}, claims))
    return ".".join([*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts), ""])


@asynccontextmanager
async def tiny_provider(now: Callable[[], datetime]) -> AsyncIterator[Tiny]:
    provider = Tiny(now)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", provider.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    provider.issuer = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield provider
    await runner.cleanup()

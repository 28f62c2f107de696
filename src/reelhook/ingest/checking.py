"""`/api/v1/signature-check`: would this request be let in, and if not, why? Nothing of it is stored or logged."""

import asyncio
import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from pydantic import Field, StringConstraints, model_validator

from reelhook.auth import requires
from reelhook.auth.shapes import Body
from reelhook.events import Secret, claims, diagnose, matching
from reelhook.inbox.reasons import reason
from reelhook.ingest.secrets import SecretBook

MOST_BODY = 512 * 1024
GIVEN = "you gave"  # how a secret that came with the question is called in sentences

HeaderName = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$")]
HeaderValue = Annotated[str, Field(max_length=4_096)]
GivenSecret = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class CheckRequest(Body):
    """One request as it was sent, and the secret it should be signed with; without one, all that are known here."""

    body: Annotated[str, Field(max_length=MOST_BODY)] | None = None
    body_base64: Annotated[str, Field(max_length=MOST_BODY * 4 // 3 + 4)] | None = None
    headers: Annotated[dict[HeaderName, HeaderValue], Field(max_length=64)]
    secret: GivenSecret | None = None

    @model_validator(mode="after")
    def _one_body(self) -> "CheckRequest":
        if (self.body is None) == (self.body_base64 is None):
            raise ValueError("give either body or body_base64")
        if self.body_base64 is not None:
            try:
                base64.b64decode(self.body_base64, validate=True)
            except (binascii.Error, ValueError):
                raise ValueError("body_base64 is not base64") from None
        return self

    @property
    def content(self) -> bytes:
        """The body's bytes."""
        if self.body_base64 is not None:
            return base64.b64decode(self.body_base64)
        return (self.body or "").encode()


@dataclass(frozen=True, slots=True)
class Ring:
    """The secrets to try."""

    live: Sequence[Secret]
    retired: Sequence[Secret]

    @property
    def is_given(self) -> bool:
        """Whether there is one only, which came with the question."""
        return any(one.id == GIVEN for one in self.live)

    def state(self, secret_id: str | None) -> Literal["given", "live", "retired"] | None:
        """What the secret of this id is."""
        if secret_id is None or secret_id == GIVEN:
            return "given" if secret_id else None
        return "live" if any(one.id == secret_id for one in self.live) else "retired"


def check(asked: CheckRequest, ring: Ring) -> dict[str, Any]:
    """The answer: `right`, or what is wrong; which header was judged, and which secret was recognised."""
    body = asked.content
    answer: dict[str, Any] = {"bytes": len(body), "secrets": len(ring.live) + len(ring.retired)}
    for claim in claims(asked.headers):
        if secret := matching(body, (claim,), ring.live):
            said = f"The header {claim.header} holds the right signature, made with the secret {secret.id}."
            right = {"right": True, "reason": None, "title": "Right", "detail": said, "advice": None}
            return answer | right | _recognised(claim.header, secret.id, ring)
    found = diagnose(body, asked.headers, ring.live, ring.retired)
    known = reason(found.reason)
    detail, advice = found.detail, known.advice
    if found.reason == "wrong_secret" and ring.is_given:
        detail = "The secret you gave did not make this signature over this body."
    wrong = {"right": False, "reason": found.reason, "title": known.title, "detail": detail, "advice": advice}
    return answer | wrong | _recognised(found.header, found.secret_id, ring)


def _recognised(header: str | None, secret_id: str | None, ring: Ring) -> dict[str, Any]:
    shown = None if ring.is_given else secret_id
    return {"header": header, "secret_id": shown, "secret_state": ring.state(secret_id)}


def router(secrets: SecretBook) -> APIRouter:
    """The route, given the secrets that are known here."""
    routes = APIRouter(prefix="/api/v1", tags=["rejections"], dependencies=[Depends(requires("rejections:read"))])

    @routes.post("/signature-check")
    async def check_signature(asked: CheckRequest) -> dict[str, Any]:
        """Explain one signature. Nothing that is sent here is kept, and no secret is in the answer."""
        known = secrets.known
        ring = Ring((Secret(GIVEN, asked.secret),), ()) if asked.secret else Ring(known.live, known.retired)
        return await asyncio.to_thread(check, asked, ring)

    return routes

"""`/api/v1/senders`: where HeyGen's deliveries come from, and the allowlist that follows from it."""

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from reelhook.auth import requires
from reelhook.auth.shapes import Shown
from reelhook.db import Database
from reelhook.ingest.allowlist import Advice, Allowlist, Covered, Mode, setting
from reelhook.ingest.senders import listed
from reelhook.kit.clock import Clock
from reelhook.kit.times import Time


class ShownSender(Shown):
    network: str
    first_seen_at: Time
    last_seen_at: Time
    deliveries: int
    outside: int
    refused: int
    outside_since: Time | None
    last_outside_at: Time | None
    covered: Covered | None
    own: bool
    proposed: bool


class Proposal(BaseModel):
    networks: list[str]
    setting: str | None


class ShownSenders(BaseModel):
    mode: Mode
    allow: list[str]
    advice: Advice
    proposal: Proposal
    data: list[ShownSender]


def router(db: Database, clock: Clock, allowlist: Allowlist) -> APIRouter:
    """The route, given the list that is in force."""
    routes = APIRouter(prefix="/api/v1", tags=["webhooks"])

    @routes.get("/senders", dependencies=[Depends(requires("rejections:read"))])
    async def senders() -> ShownSenders:
        """The networks that rightly signed deliveries came from, the latest first, with a list that would name them."""
        seen = [allowlist.sender(row) for row in await db.read(listed)]
        proposed = allowlist.proposal(seen)
        return ShownSenders(
            mode=allowlist.mode,
            allow=list(map(str, allowlist.networks)),
            advice=allowlist.advice(seen, clock.now()),
            proposal=Proposal(networks=list(proposed), setting=setting(proposed)),
            data=[ShownSender.model_validate(one) for one in seen],
        )

    return routes

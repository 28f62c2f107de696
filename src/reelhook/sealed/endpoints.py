"""`/api/v1/secrets`: by which keys what is sealed is sealed, never what."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from reelhook.auth import Principal, requires
from reelhook.auth.shapes import Shown
from reelhook.sealed.resealing import Resealing


class KeyCount(BaseModel):
    """A key of SECRET_KEY, by its fingerprint, and how many secrets are sealed with it."""

    fingerprint: str
    sealed: int


class ShownCensus(BaseModel):
    keys: list[KeyCount]
    unreadable: int


class ShownResealed(Shown):
    key: str
    resealed: int
    current: int
    unreadable: int


def router(resealing: Resealing) -> APIRouter:
    """The routes, given the service behind them."""
    routes = APIRouter(prefix="/api/v1/secrets", tags=["operations"])

    @routes.get("", dependencies=[Depends(requires("settings"))])
    async def census() -> ShownCensus:
        """How many secrets are sealed with each key, newest first. `unreadable`: with none of them, and missed."""
        found = await resealing.census()
        keys = [KeyCount(fingerprint=name, sealed=number) for name, number in found.sealed.items()]
        return ShownCensus(keys=keys, unreadable=found.unreadable)

    @routes.post("/reseal")
    async def reseal(by: Annotated[Principal, Depends(requires("settings"))]) -> ShownResealed:
        """Seal everything with the newest key. When it is interrupted, ask again; twice is harmless."""
        return ShownResealed.model_validate(await resealing.reseal(by))

    return routes

"""`/api/v1/stores`: the places where files are kept, what is in each, and whether it works."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from sqlalchemy import Connection, func, select

from reelhook.archive.stores import Store
from reelhook.auth import requires
from reelhook.auth.shapes import Shown
from reelhook.db import Database
from reelhook.db.tables import assets
from reelhook.errors import NotFound, ReelhookError


class ShownUsage(Shown):
    """Bytes that are *used* by everybody and *free*, and the *plan*; null is what the store does not tell.

    *percent* of the plan's nearest limit is used up; *of*: what that limits.
    """

    used: int | None
    free: int | None
    plan: str | None
    percent: float | None
    of: str | None


class ShownStore(BaseModel):
    """*default*: taken when a request names none. *trouble*: why it could not be asked how full it is."""

    name: str
    default: bool
    files: int
    bytes: int
    usage: ShownUsage | None
    trouble: str | None


class Stores(BaseModel):
    data: list[ShownStore]


class ShownCheck(BaseModel):
    """*trouble*: why nothing could be kept there; null when all went well."""

    trouble: str | None


@dataclass(frozen=True, slots=True)
class Held:
    """What the rows say of one store."""

    files: int = 0
    bytes: int = 0


def router(db: Database, stores: Mapping[str, Store]) -> APIRouter:
    """The routes, given the stores by name, the default first."""
    routes = APIRouter(prefix="/api/v1/stores", tags=["operations"], dependencies=[Depends(requires("settings"))])

    @routes.get("")
    async def list_stores() -> Stores:
        """Every store of REELHOOK_STORES: how many files are kept in it, and how full it is."""
        held = await db.read(held_by_store)
        return Stores(
            data=[
                await _shown(name, store, held.get(name, Held()), name == next(iter(stores)))
                for name, store in stores.items()
            ]
        )

    @routes.post("/{name}/check")
    async def check_store(name: str) -> ShownCheck:
        """Keep a small file there, read it back and delete it."""
        store = stores.get(name)
        if store is None:
            raise NotFound(f"there is no store {name}; REELHOOK_STORES names them")
        try:
            await store.check()
        except ReelhookError as error:
            return ShownCheck(trouble=error.message)
        return ShownCheck(trouble=None)

    return routes


async def _shown(name: str, store: Store, held: Held, default: bool) -> ShownStore:
    usage, trouble = None, None
    try:
        usage = ShownUsage.model_validate(await store.usage())
    except ReelhookError as error:
        trouble = error.message
    return ShownStore(name=name, default=default, files=held.files, bytes=held.bytes, usage=usage, trouble=trouble)


def held_by_store(conn: Connection) -> dict[str, Held]:
    """One walk along an index that has all that is asked for."""
    sums = select(assets.c.store, func.count(), func.coalesce(func.sum(assets.c.bytes), 0))
    rows = conn.execute(sums.where(assets.c.state == "stored").group_by(assets.c.store))
    return {name: Held(files, int(size)) for name, files, size in rows}

"""`/api/v1/reconcile`: what was missed, what the last runs did, and a run at once."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from reelhook.auth import Audit, Principal, requires
from reelhook.db import Database
from reelhook.kit.clock import Clock
from reelhook.reconcile.missed import missed
from reelhook.reconcile.reconciler import Reconciler
from reelhook.reconcile.records import newest
from reelhook.reconcile.run import Kind


class Wanted(BaseModel):
    """Which runs (left out: all that are possible). *mend*: fetch again what is lost, delete what is nobody's."""

    model_config = ConfigDict(extra="forbid")
    kinds: list[Kind] | None = Field(None, min_length=1)
    mend: bool = Field(False, strict=True)


def router(db: Database, clock: Clock, reconciler: Reconciler, audit: Audit) -> APIRouter:
    """The routes, given what does the work."""
    routes = APIRouter(prefix="/api/v1/reconcile", tags=["operations"])

    @routes.get("", dependencies=[Depends(requires("monitoring:read"))])
    async def state() -> dict[str, Any]:
        """The missed-webhook rate, and the last runs, newest first."""

        def read(conn: Connection) -> dict[str, Any]:
            return {"missed": missed(conn, clock.now()).shown(), "runs": newest(conn)}

        return await db.read(read)

    @routes.post("")
    async def run(
        wanted: Wanted, principal: Annotated[Principal, Depends(requires("monitoring:write"))]
    ) -> dict[str, Any]:
        """Look at everything now; the answer comes when that is done, after four minutes a kind at most."""
        kinds = list(dict.fromkeys(wanted.kinds or reconciler.kinds))
        data: dict[str, Any] = {"kinds": [str(kind) for kind in kinds], "mend": wanted.mend}
        await db.write(lambda tx: audit.record(tx, principal, "reconcile.run", None, **data))
        return {"runs": await reconciler.requested(kinds, mend=wanted.mend)}

    return routes

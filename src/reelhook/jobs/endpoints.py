"""`/api/v1/jobs`: the work and how it goes, and what to do about the part that is dead."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator

from reelhook.auth import Audit, Principal, requires
from reelhook.db import Database, Tx
from reelhook.jobs import queries
from reelhook.jobs.dead_letters import DeadLetters
from reelhook.jobs.queries import Filter
from reelhook.jobs.states import State
from reelhook.kit.pages import Page, page
from reelhook.kit.text import storable

BATCH = 50  # retried in one transaction, so that the writer is soon free for others

Reader = Depends(requires("jobs:read"))
Writer = Annotated[Principal, Depends(requires("jobs:write"))]


class Chosen(BaseModel):
    """Which dead letters, of those that are not discarded; they ended at *since* or later, and before *until*."""

    model_config = ConfigDict(extra="forbid", strict=True)
    kind: str | None = None
    video_id: str | None = None
    code: str | None = None
    since: AwareDatetime | None = Field(None, strict=False)
    until: AwareDatetime | None = Field(None, strict=False)


class Discard(BaseModel):
    """Why nothing more is to be done about it."""

    model_config = ConfigDict(extra="forbid", strict=True, str_strip_whitespace=True)
    reason: str = Field(min_length=1, max_length=500)

    @field_validator("reason")
    @classmethod
    def _storable(cls, value: str) -> str:
        kept = storable(value)
        if not kept:
            raise ValueError("says nothing")
        return kept


def router(db: Database, dead_letters: DeadLetters, audit: Audit) -> APIRouter:
    """The routes, given the services they use."""
    routes = APIRouter(prefix="/api/v1/jobs", tags=["jobs"])

    @routes.get("", dependencies=[Reader])
    async def list_jobs(
        at: Annotated[Page, Depends(page)],
        state: State | None = None,
        kind: str | None = None,
        video_id: str | None = None,
        code: str | None = None,
        discarded: bool | None = None,
    ) -> dict[str, Any]:
        """Jobs, newest first, each with the story of its attempts. `code` is that of the last failure."""
        which = Filter(state, kind, video_id, code, discarded)
        return await db.read(lambda conn: queries.listing(conn, at, which))

    @routes.get("/counts", dependencies=[Reader])
    async def counts() -> dict[str, Any]:
        """How many jobs are in each state, but for what is done. `dead` leaves out what was discarded."""
        return await db.read(queries.counts)

    @routes.get("/{job_id}", dependencies=[Reader])
    async def detail(job_id: str) -> dict[str, Any]:
        """One job with the story of its attempts."""
        return await db.read(lambda conn: queries.detail(conn, job_id))

    @routes.post("/retry", status_code=202)
    async def retry_chosen(chosen: Chosen, principal: Writer) -> dict[str, int]:
        """Retry the dead letters that fit, all of them without a filter. `skipped` are those that cannot be retried.

        Each transaction takes a few; when one fails, what was retried before it stays so, and asking again goes on.
        """
        which = Filter(state="dead", discarded=False, **chosen.model_dump())
        said = chosen.model_dump(mode="json", exclude_none=True)

        def work(tx: Tx, found: Sequence[str]) -> int:
            retried = dead_letters.retry_each(tx, found)
            if retried:
                audit.record(tx, principal, "job.retry_chosen", None, chosen=said, jobs=retried)
            return len(retried)

        retried = seen = 0
        before: str | None = None
        while found := await db.read(partial(queries.ids, which=which, before=before, limit=BATCH)):
            retried += await db.write(partial(work, found=found))
            seen, before = seen + len(found), found[-1]
        return {"retried": retried, "skipped": seen - retried}

    @routes.post("/{job_id}/retry", status_code=202)
    async def retry(job_id: str, principal: Writer) -> dict[str, Any]:
        """Try a dead job again at once, with all its attempts before it. The story of the earlier ones stays."""

        def work(tx: Tx) -> dict[str, Any]:
            dead_letters.retry(tx, job_id)
            job = queries.detail(tx.conn, job_id)
            audit.record(tx, principal, "job.retry", job["id"])
            return job

        return await db.write(work)

    @routes.post("/{job_id}/discard")
    async def discard(job_id: str, why: Discard, principal: Writer) -> dict[str, Any]:
        """Put a dead job aside, with the reason. It is kept, and cannot be retried any more."""

        def work(tx: Tx) -> dict[str, Any]:
            dead_letters.discard(tx, job_id, why.reason)
            job = queries.detail(tx.conn, job_id)
            audit.record(tx, principal, "job.discard", job["id"], reason=why.reason)
            return job

        return await db.write(work)

    return routes

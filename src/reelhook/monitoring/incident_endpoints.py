"""`/api/v1/incidents`: what is wrong, and what people do about it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import AfterValidator, StringConstraints

from reelhook.auth import Principal, requires
from reelhook.auth.shapes import Body
from reelhook.db import Database
from reelhook.kit.pages import Page, page
from reelhook.kit.text import storable
from reelhook.kit.times import GivenTime
from reelhook.monitoring import records
from reelhook.monitoring.acts import Acts
from reelhook.monitoring.records import State
from reelhook.monitoring.rules.rule import Severity

Reader = Depends(requires("monitoring:read"))
Writer = Annotated[Principal, Depends(requires("monitoring:write"))]
# As it can be looked for: Postgres refuses some characters that a client may send.
Id = Annotated[str, AfterValidator(storable)]


def _words(text: str) -> str:
    kept = storable(text)
    if not kept:
        raise ValueError("says nothing")
    return kept


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), AfterValidator(_words)]


class Silence(Body):
    """Until when nobody is told of it; null: from now on again."""

    until: GivenTime | None


class Assignment(Body):
    """Who looks after it; null: nobody."""

    person_id: Annotated[str, AfterValidator(storable)] | None


class Note(Body):
    text: Text


def router(db: Database, acts: Acts) -> APIRouter:
    """The routes, given what does the work."""
    routes = APIRouter(prefix="/api/v1/incidents", tags=["operations"])

    @routes.get("", dependencies=[Reader])
    async def list_incidents(
        at: Annotated[Page, Depends(page)],
        state: State | None = None,
        rule: Id | None = None,
        severity: Severity | None = None,
        drill: bool | None = None,
    ) -> dict[str, Any]:
        """Incidents, newest first."""
        which: dict[str, Any] = {"state": state, "rule": rule, "severity": severity, "drill": drill}
        return await db.read(lambda conn: records.listing(conn, at, **which))

    @routes.get("/counts", dependencies=[Reader])
    async def counts() -> dict[str, Any]:
        """How many are open: of each severity, and drills apart."""
        return await db.read(records.counts)

    @routes.get("/{incident_id}", dependencies=[Reader])
    async def detail(incident_id: Id) -> dict[str, Any]:
        """One incident, what its rule says of it, and its story."""
        return await db.read(lambda conn: records.detail(conn, incident_id))

    @routes.post("/{incident_id}/acknowledge")
    async def acknowledge(incident_id: Id, by: Writer) -> dict[str, Any]:
        """Say that somebody has seen it."""
        return await acts.acknowledge(by, incident_id)

    @routes.post("/{incident_id}/silence")
    async def silence(incident_id: Id, wanted: Silence, by: Writer) -> dict[str, Any]:
        """Tell nobody of it for a time, seven days at most."""
        return await acts.silence(by, incident_id, wanted.until)

    @routes.post("/{incident_id}/assign")
    async def assign(incident_id: Id, wanted: Assignment, by: Writer) -> dict[str, Any]:
        """Say who looks after it."""
        return await acts.assign(by, incident_id, wanted.person_id)

    @routes.post("/{incident_id}/note")
    async def note(incident_id: Id, wanted: Note, by: Writer) -> dict[str, Any]:
        """Add a note to its story."""
        return await acts.note(by, incident_id, wanted.text)

    @routes.post("/{incident_id}/resolve")
    async def resolve(incident_id: Id, by: Writer) -> dict[str, Any]:
        """Close what no rule holds open, such as a drill."""
        return await acts.resolve(by, incident_id)

    return routes

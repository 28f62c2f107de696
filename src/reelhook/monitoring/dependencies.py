"""How that is on which work leans: none of it keeps this process from taking webhooks and answering questions."""

from datetime import timedelta

from sqlalchemy import Connection

from reelhook.db import Database
from reelhook.errors import Unavailable
from reelhook.jobs import Destinations
from reelhook.kit.clock import Clock
from reelhook.monitoring.processes import running
from reelhook.monitoring.readiness import Check
from reelhook.monitoring.reading import due

WAITED = timedelta(minutes=2)  # as the rule `backlog_age` has it


def outside(destinations: Destinations, *names: str) -> Check:
    """What this process has found out about *names* by its work. It asks nobody: probes cost no calls."""

    async def check() -> None:
        for one in destinations.all():
            if one.name in names and one.since is not None:
                raise Unavailable(f"{one.name} has been down since {one.since:%H:%M} UTC: {one.reason}")

    return check


def queue(db: Database, clock: Clock) -> Check:
    """Whether due jobs are taken in time, by whichever process."""

    async def check() -> None:
        now = clock.now()
        found = await db.read(lambda conn: due(conn, now))
        since = found["due_since"]
        if since is not None and now - since >= WAITED:
            minutes = (now - since).total_seconds() / 60
            raise Unavailable(f"the oldest of {found['due']:,} due jobs has waited for {minutes:.0f} minutes")

    return check


def workers(db: Database, clock: Clock) -> Check:
    """Whether any process that runs jobs is seen."""

    def seen(conn: Connection) -> bool:
        return any(one.works for one in running(conn, clock.now()))

    async def check() -> None:
        if not await db.read(seen):
            raise Unavailable("no process that runs jobs has been seen for a minute")

    return check

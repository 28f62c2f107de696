"""Where people are signed in, and how that is ended from elsewhere."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from reelhook.auth.audit import Audit
from reelhook.auth.principal import Principal
from reelhook.auth.sessions import Sessions
from reelhook.db import Database, Tx
from reelhook.db.tables import people, sessions
from reelhook.errors import NotFound
from reelhook.kit.clock import Clock
from reelhook.kit.pages import Page


class SignedInPlaces:
    """What ends here stops working with the commit, on every server, and its streams with it."""

    def __init__(self, db: Database, clock: Clock, ended: Sessions, audit: Audit) -> None:
        self._db, self._clock, self._sessions, self._audit = db, clock, ended, audit

    async def entries(self, person_id: str, page: Page) -> Sequence[Row[Any]]:
        """The sign-ins that have not run out, newest first, one more than the page holds."""
        running = select(sessions).where(sessions.c.person_id == person_id, sessions.c.expires_at > self._clock.now())
        return await self._db.read(lambda conn: conn.execute(page.select(running, sessions.c.id)).all())

    async def end_one(self, me: Principal, session_id: str, *, remote: str | None = None) -> None:
        """Raises *NotFound* for one that is not there, or not *me*'s."""

        def work(tx: Tx) -> None:
            if not self._sessions.end_some(tx, sessions.c.person_id == me.id, sessions.c.id == session_id):
                raise NotFound(f"you are not signed in with {session_id}")
            self._audit.record(tx, me, "session.end", me.id, remote, sessions=1)

        await self._db.write(work)

    async def end_others(self, me: Principal, *, remote: str | None = None) -> int:
        """How many others than the one *me* came with were ended."""

        def work(tx: Tx) -> int:
            ended = self._sessions.end_others(tx, me)
            if ended:
                self._audit.record(tx, me, "session.end", me.id, remote, sessions=ended)
            return ended

        return await self._db.write(work)

    async def end_all(self, by: Principal, person_id: str, *, remote: str | None = None) -> int:
        """How many sign-ins of this person were ended. Raises *NotFound*."""

        def work(tx: Tx) -> int:
            if tx.execute(select(people.c.id).where(people.c.id == person_id)).one_or_none() is None:
                raise NotFound(f"there is no person {person_id}")
            ended = self._sessions.end_all(tx, person_id)
            if ended:
                self._audit.record(tx, by, "session.end", person_id, remote, sessions=ended)
            return ended

        return await self._db.write(work)

"""Erasing a person: for ever, and all at once but for their videos, which a job takes care of."""

from typing import Any, Literal

from sqlalchemy import Row, delete, update

from reelhook.auth import Access, Principal, emails
from reelhook.auth.people import require_another_admin
from reelhook.auth.refusals import Erased
from reelhook.auth.roles import scopes_of
from reelhook.db import Database, Tx
from reelhook.db.rows import row_of
from reelhook.db.tables import (
    identities,
    incidents,
    muted_videos,
    notification_preferences,
    notifications,
    people,
    push_subscriptions,
    stream,
)
from reelhook.errors import Conflict
from reelhook.jobs import Queue
from reelhook.jobs.kinds import ReleaseVideos
from reelhook.kit.clock import Clock

NOTIFICATION = "notification"  # the event by which browsers are told
Videos = Literal["keep", "delete"]


class Erasure:
    """The row of the person stays, with nothing in it but its id: the audit log speaks of it, and cannot be changed."""

    def __init__(self, db: Database, clock: Clock, queue: Queue, access: Access) -> None:
        self._db, self._clock, self._queue, self._access = db, clock, queue, access

    async def erase(self, by: Principal, person_id: str, email: str, videos: Videos, remote: str) -> None:
        """Erase somebody; *email* has to be theirs.

        Raises *NotFound*, *Conflict*, *Forbidden*, *LastAdmin*, *Erased*.
        """

        def work(tx: Tx) -> None:
            person = row_of(tx.conn, people, person_id, "person", lock=True)
            by.require_power_over(scopes_of(person.role))
            if person.erased_at is not None:
                raise Erased(f"the person {person_id} was erased already")
            if emails.normal(email) != person.email:
                raise Conflict("email must repeat the person's e-mail address: what is erased does not come back")
            self._erase(tx, by, person, videos, remote)

        await self._db.write(work)

    async def erase_me(self, me: Principal, password: str, videos: Videos, remote: str) -> None:
        """Erase oneself. Raises *WrongPassword*, *NoPassword*, *TooManyRequests*, *LastAdmin*."""
        account = self._access.account
        stored = await account.require_password(me, password, remote)

        def work(tx: Tx) -> None:
            person = row_of(tx.conn, people, me.id, "person", lock=True)
            self._erase(tx, me, person, videos, remote)

        await account.write_as(me, stored, work)

    def _erase(self, tx: Tx, by: Principal, person: Row[Any], videos: Videos, remote: str) -> None:
        if person.role == "admin" and person.disabled_at is None:
            require_another_admin(tx, person)
        now = self._clock.now()
        gone = {"email": f"erased-{person.id}", "password_hash": None, "erased_at": now}
        tx.execute(update(people).where(people.c.id == person.id).values(**gone, disabled_at=person.disabled_at or now))
        self._access.sessions.end_all(tx, person.id)  # with their addresses and devices, and every server is told
        self._access.links.withdraw(tx, person.id)
        tx.execute(update(incidents).where(incidents.c.person_id == person.id).values(person_id=None))
        for table in (identities, notifications, notification_preferences, muted_videos, push_subscriptions):
            tx.execute(delete(table).where(table.c.person_id == person.id))
        # What their browsers would have heard; other updates of theirs are about videos.
        tx.execute(delete(stream).where(stream.c.subject == person.id, stream.c.event == NOTIFICATION))
        self._queue.add(tx, ReleaseVideos(subject=person.id, delete=videos == "delete"))
        # An entry cannot be erased later: the address is written only where it is somebody else's.
        seen_from = None if by.id == person.id else remote
        self._access.audit.record(tx, by.actor, "person.erase", person.id, seen_from, videos=videos)

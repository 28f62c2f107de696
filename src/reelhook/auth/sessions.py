"""Sessions of people: a random token in a cookie, its digest in a row. Deleting the row signs out at once."""

from datetime import timedelta

from sqlalchemy import ColumnElement, delete, insert, select, update

from reelhook.auth import changes
from reelhook.auth.changes import Changes
from reelhook.auth.digest import digest
from reelhook.auth.later import Later
from reelhook.auth.principal import Principal, of_person
from reelhook.db import Database, Tx
from reelhook.db.tables import people, sessions
from reelhook.kit.cache import Cache
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.kit.text import shorten, storable

LIFETIME = timedelta(days=14)
# A session in use is prolonged no more often than this, so that reading does not cost a write each time.
PROLONG_EVERY = timedelta(minutes=5)
TOKEN_BYTES = 32


class Sessions:
    """Opened by a sign-in, found by the gate, prolonged while used, ended by anyone who may."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        ids: Ids,
        later: Later,
        told: Changes,
        recognised: Cache[str, Principal | None],
    ) -> None:
        self._db, self._clock, self._ids = db, clock, ids
        self._later, self._changes, self._recognised = later, told, recognised

    def open(self, tx: Tx, person_id: str, user_agent: str | None, remote: str | None) -> str:
        """The token of a new session, for the cookie. It is kept nowhere else."""
        token, now = self._ids.token(TOKEN_BYTES), self._clock.now()
        row = {"id": self._ids.new(), "person_id": person_id, "token_hash": digest(token), "remote": remote}
        times = {"created_at": now, "expires_at": now + LIFETIME, "last_seen_at": now}
        agent = shorten(storable(user_agent), 200) if user_agent else None
        tx.execute(insert(sessions).values(**row, **times, user_agent=agent))
        return token

    async def find(self, token: str) -> Principal | None:
        """The person behind *token*; None when the session has ended or the person is disabled."""
        return await self._recognised.get(digest(token), lambda: self._look_up(token))

    async def _look_up(self, token: str) -> Principal | None:
        now = self._clock.now()
        found = (
            select(sessions.c.id, sessions.c.last_seen_at, sessions.c.expires_at, people.c.id, people.c.email)
            .add_columns(people.c.role)
            .join_from(sessions, people, sessions.c.person_id == people.c.id)
            .where(sessions.c.token_hash == digest(token), sessions.c.expires_at > now, people.c.disabled_at.is_(None))
        )
        row = await self._db.read(lambda conn: conn.execute(found).one_or_none())
        if row is None:
            return None
        session_id, last_seen_at, expires_at, person_id, email, role = row
        if now - last_seen_at >= PROLONG_EVERY:
            self._later.write(session_id, lambda tx: self._prolong(tx, session_id))
        return of_person(person_id, email, role, expires_at, session=digest(token))

    def end(self, tx: Tx, token: str) -> bool:
        """Whether there was one to end."""
        self._changes.tell(tx, changes.session(digest(token)))
        return tx.execute(delete(sessions).where(sessions.c.token_hash == digest(token))).rowcount == 1

    def end_all(self, tx: Tx, person_id: str) -> int:
        """How many sessions of this person were ended."""
        self._changes.tell(tx, changes.person(person_id))
        return tx.execute(delete(sessions).where(sessions.c.person_id == person_id)).rowcount

    def end_others(self, tx: Tx, me: Principal) -> int:
        """How many sessions of *me* were ended: all but the one it came with."""
        return self.end_some(tx, sessions.c.person_id == me.id, sessions.c.token_hash != (me.session or ""))

    def end_some(self, tx: Tx, *which: ColumnElement[bool]) -> int:
        """How many sessions were ended: those that *which* means."""
        hashes = tx.execute(delete(sessions).where(*which).returning(sessions.c.token_hash)).scalars().all()
        for token_hash in hashes:
            self._changes.tell(tx, changes.session(token_hash))
        return len(hashes)

    def _prolong(self, tx: Tx, session_id: str) -> None:
        now = self._clock.now()
        tx.execute(
            update(sessions).where(sessions.c.id == session_id).values(last_seen_at=now, expires_at=now + LIFETIME)
        )

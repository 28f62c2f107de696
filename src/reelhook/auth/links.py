"""One-time sign-in links: the digest of a token in a row that can be used once, and not for long."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Connection, delete, exists, insert, select, update

from reelhook.auth.digest import digest
from reelhook.auth.refusals import LinkUnusable
from reelhook.db import Database, Tx
from reelhook.db.tables import people, sign_in_links
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids

FIRST_ADMIN_LIFETIME = timedelta(hours=24)
LIFETIME = timedelta(minutes=15)
TOKEN_BYTES = 32

GONE = "this link was used, has expired, or never existed; ask for a new one"


@dataclass(frozen=True)
class Link:
    """Whom a link signs in; *person_id* None: it makes the first admin."""

    person_id: str | None


class SignInLinks:
    """Issued, looked at without harm, and used once."""

    def __init__(self, db: Database, clock: Clock, ids: Ids) -> None:
        self._db, self._clock, self._ids = db, clock, ids

    def issue(self, tx: Tx, person_id: str | None) -> str:
        """The token of a new link; it is kept nowhere else."""
        token, now = self._ids.token(TOKEN_BYTES), self._clock.now()
        until = now + (FIRST_ADMIN_LIFETIME if person_id is None else LIFETIME)
        values = {"token_hash": digest(token), "person_id": person_id, "created_at": now, "expires_at": until}
        tx.execute(insert(sign_in_links).values(**values))
        return token

    async def for_first_admin(self) -> str | None:
        """The token of a link that makes the first admin, in place of earlier ones; None once there are people."""

        def work(tx: Tx) -> str | None:
            if somebody_exists(tx.conn):
                return None
            tx.execute(delete(sign_in_links).where(sign_in_links.c.person_id.is_(None)))
            return self.issue(tx, None)

        return await self._db.write(work)

    async def peek(self, token: str) -> Link:
        """Whose link it is, without using it. Raises *LinkUnusable*."""

        def work(conn: Connection) -> Link | None:
            row = conn.execute(select(sign_in_links.c.person_id).where(*self._usable(token))).one_or_none()
            return None if row is None or (row.person_id is None and somebody_exists(conn)) else Link(row.person_id)

        link = await self._db.read(work)
        if link is None:
            raise LinkUnusable(GONE)
        return link

    def use(self, tx: Tx, token: str) -> Link:
        """Use it up. Of many who try at the same moment one succeeds; the others get *LinkUnusable*."""
        used = update(sign_in_links).where(*self._usable(token)).values(used_at=self._clock.now())
        if tx.execute(used).rowcount != 1:
            raise LinkUnusable(GONE)
        row = tx.execute(select(sign_in_links.c.person_id).where(sign_in_links.c.token_hash == digest(token))).one()
        if row.person_id is None and somebody_exists(tx.conn):
            raise LinkUnusable(GONE)
        return Link(row.person_id)

    def withdraw(self, tx: Tx, person_id: str) -> None:
        """All links of this person stop working."""
        tx.execute(delete(sign_in_links).where(sign_in_links.c.person_id == person_id))

    def _usable(self, token: str) -> tuple[ColumnElement[bool], ...]:
        links = sign_in_links.c
        return links.token_hash == digest(token), links.used_at.is_(None), links.expires_at > self._clock.now()


def somebody_exists(conn: Connection) -> bool:
    return bool(conn.execute(select(exists(select(people.c.id)))).scalar())

"""One-time links: the digest of a token in a row that can be used once, and not for long."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, Connection, delete, exists, insert, select, update

from reelhook.auth.digest import digest
from reelhook.auth.refusals import LinkUnusable
from reelhook.db import Database, Tx
from reelhook.db.tables import people, sign_in_links
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids

# sign_in: lets in as it is. The others let in whoever chooses a password with it.
Purpose = Literal["sign_in", "invitation", "reset"]

FIRST_ADMIN_LIFETIME = timedelta(hours=24)
LIFETIMES: Mapping[Purpose, timedelta] = {
    "sign_in": timedelta(minutes=15),
    "invitation": timedelta(days=7),
    "reset": timedelta(minutes=30),
}
TOKEN_BYTES = 32

GONE = "this link was used, has expired, or never existed; ask for a new one"


@dataclass(frozen=True)
class Link:
    """Whom a link signs in; *person_id* None: it makes the first admin."""

    person_id: str | None
    purpose: Purpose
    email: str | None


@dataclass(frozen=True)
class Issued:
    """A new link: its *token* is kept nowhere else."""

    token: str
    until: datetime


class SignInLinks:
    """Issued, looked at without harm, and used once."""

    def __init__(self, db: Database, clock: Clock, ids: Ids) -> None:
        self._db, self._clock, self._ids = db, clock, ids

    def issue(self, tx: Tx, person_id: str | None, purpose: Purpose = "sign_in") -> Issued:
        """A new link, beside those that are there."""
        token, now = self._ids.token(TOKEN_BYTES), self._clock.now()
        until = now + (FIRST_ADMIN_LIFETIME if person_id is None else LIFETIMES[purpose])
        values = {"token_hash": digest(token), "person_id": person_id, "purpose": purpose}
        tx.execute(insert(sign_in_links).values(**values, created_at=now, expires_at=until))
        return Issued(token, until)

    def replace(self, tx: Tx, person_id: str, purpose: Purpose) -> Issued:
        """A new link, in place of all others that this person had for the same purpose."""
        self.withdraw(tx, person_id, purpose)
        return self.issue(tx, person_id, purpose)

    async def for_first_admin(self) -> str | None:
        """The token of a link that makes the first admin, in place of earlier ones; None once there are people."""

        def work(tx: Tx) -> str | None:
            if somebody_exists(tx.conn):
                return None
            tx.execute(delete(sign_in_links).where(sign_in_links.c.person_id.is_(None)))
            return self.issue(tx, None).token

        return await self._db.write(work)

    async def peek(self, token: str) -> Link:
        """Whose link it is and what for, without using it. Raises *LinkUnusable*."""
        links = sign_in_links.c
        found = (
            select(links.person_id, links.purpose, people.c.email)
            .join_from(sign_in_links, people, links.person_id == people.c.id, isouter=True)
            .where(*self._usable(token))
        )

        def work(conn: Connection) -> Link | None:
            row = conn.execute(found).one_or_none()
            return None if row is None or (row.person_id is None and somebody_exists(conn)) else Link(*row)

        link = await self._db.read(work)
        if link is None:
            raise LinkUnusable(GONE)
        return link

    def use(self, tx: Tx, token: str) -> str | None:
        """Use it up; returns whom it signs in, None for the first admin.

        Of many who try at the same moment one succeeds; the others get *LinkUnusable*.
        """
        used = update(sign_in_links).where(*self._usable(token)).values(used_at=self._clock.now())
        if tx.execute(used).rowcount != 1:
            raise LinkUnusable(GONE)
        row = tx.execute(select(sign_in_links.c.person_id).where(sign_in_links.c.token_hash == digest(token))).one()
        if row.person_id is None and somebody_exists(tx.conn):
            raise LinkUnusable(GONE)
        person_id: str | None = row.person_id
        return person_id

    def withdraw(self, tx: Tx, person_id: str, purpose: Purpose | None = None) -> None:
        """All links of this person, or those for one *purpose*, stop working."""
        theirs = [sign_in_links.c.person_id == person_id]
        if purpose is not None:
            theirs.append(sign_in_links.c.purpose == purpose)
        tx.execute(delete(sign_in_links).where(*theirs))

    def are_open(self, conn: Connection, person_id: str, purpose: Purpose) -> bool:
        """Whether this person has a link for *purpose* that would work now."""
        theirs = (sign_in_links.c.person_id == person_id, sign_in_links.c.purpose == purpose)
        return bool(conn.execute(select(exists().where(*theirs, *unused(self._clock.now())))).scalar())

    def _usable(self, token: str) -> tuple[ColumnElement[bool], ...]:
        return sign_in_links.c.token_hash == digest(token), *unused(self._clock.now())


def unused(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """What holds of links that still work."""
    return sign_in_links.c.used_at.is_(None), sign_in_links.c.expires_at > now


def somebody_exists(conn: Connection) -> bool:
    return bool(conn.execute(select(exists(select(people.c.id)))).scalar())

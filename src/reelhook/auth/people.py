"""The people who may sign in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from reelhook.auth import changes, emails
from reelhook.auth.audit import Audit
from reelhook.auth.changes import Changes
from reelhook.auth.links import Issued, SignInLinks, unused
from reelhook.auth.passwords import Passwords
from reelhook.auth.principal import Principal
from reelhook.auth.refusals import EmailTaken, Erased, LastAdmin
from reelhook.auth.roles import ROLES, scopes_of
from reelhook.auth.sessions import Sessions
from reelhook.db import Database, Tx
from reelhook.db.rows import row_of
from reelhook.db.tables import people, sessions, sign_in_links
from reelhook.errors import Conflict, WrongInput
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.kit.pages import Page


class People:
    """Made, changed and disabled by admins; never deleted, so that the audit log keeps its names."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        ids: Ids,
        passwords: Passwords,
        sessions: Sessions,
        links: SignInLinks,
        audit: Audit,
        told: Changes,
    ) -> None:
        self._db, self._clock, self._ids, self._passwords = db, clock, ids, passwords
        self._sessions, self._links, self._audit, self._changes = sessions, links, audit, told

    async def create(
        self, by: Principal, email: str, role: str, password: str | None = None, *, remote: str | None = None
    ) -> Row[Any]:
        """A new person. Without a password they need a link. Raises *WrongInput*, *Forbidden*, *EmailTaken*."""
        email = emails.checked(email)
        by.require_power_over(scopes_named(role))
        password_hash = None if password is None else await self._passwords.hash(password)

        def work(tx: Tx) -> Row[Any]:
            return self.shown(tx, self.add(tx, by, email, role, password_hash, remote))

        return await self._db.write(work)

    def add(
        self, tx: Tx, by: Principal | None, email: str, role: str, password_hash: str | None, remote: str | None
    ) -> str:
        """The row and its audit entry, in a transaction of somebody else's. *by* None: the new person's own doing.

        Returns the id. Raises *EmailTaken*.
        """
        person_id = self._ids.new()
        values = {"id": person_id, "email": email, "role": role, "password_hash": password_hash}
        try:
            tx.execute(insert(people).values(**values, created_at=self._clock.now()))
        except IntegrityError:
            raise EmailTaken(f"there is already a person with the address {email}") from None
        self._audit.record(tx, by or f"person:{person_id}", "person.create", person_id, remote, role=role)
        return person_id

    async def entries(self, page: Page, email: str | None = None) -> Sequence[Row[Any]]:
        """Everybody, disabled people too, or who has this *email*; newest first, one more than the page holds."""
        found = _shown(self._clock.now())
        if email is not None:
            found = found.where(people.c.email == emails.normal(email))
        return await self._db.read(lambda conn: conn.execute(page.select(found, people.c.id)).all())

    async def change(
        self,
        by: Principal,
        person_id: str,
        *,
        role: str | None = None,
        disabled: bool | None = None,
        remote: str | None = None,
    ) -> Row[Any]:
        """Another role, disabled, or enabled again; at once, also for those who are signed in.

        Raises *NotFound*, *Forbidden*, *Erased*, and *LastAdmin* when nobody would be left who can let people in.
        """
        if role is not None:
            by.require_power_over(scopes_named(role))

        def work(tx: Tx) -> Row[Any]:
            before = one(tx, person_id)
            if before.erased_at is not None:
                raise Erased(f"the person {person_id} was erased; that cannot be undone")
            if role not in (None, "admin"):
                require_another_admin(tx, before)
            if role is not None and role != before.role:
                tx.execute(update(people).where(people.c.id == person_id).values(role=role))
                self._audit.record(tx, by, "person.role", person_id, remote, role=role)
                self._changes.tell(tx, changes.person(person_id))
            if disabled is not None:
                self.switch(tx, by, before, disabled, remote)
            return self.shown(tx, person_id)

        return await self._db.write(work)

    async def sign_in_link(self, by: Principal, person_id: str, *, remote: str | None = None) -> Issued:
        """A link by which this person signs in once. Raises *NotFound*, *Conflict*, *Forbidden*."""

        def work(tx: Tx) -> Issued:
            person = enabled(tx, person_id)
            by.require_power_over(scopes_of(person.role))
            self._audit.record(tx, by, "person.sign_in_link", person_id, remote)
            return self._links.issue(tx, person_id)

        return await self._db.write(work)

    def set_password(self, tx: Tx, by: Principal | str, person_id: str, password_hash: str, remote: str | None) -> None:
        """Whoever knew the old password is out: their sessions have ended, and no link for this person works."""
        self._sessions.end_all(tx, person_id)
        self._links.withdraw(tx, person_id)
        tx.execute(update(people).where(people.c.id == person_id).values(password_hash=password_hash))
        self._audit.record(tx, by, "person.password", person_id, remote)

    def switch(self, tx: Tx, by: Principal, person: Row[Any], disabled: bool, remote: str | None) -> None:
        """Disable or enable *person*, where that is a change. Raises *LastAdmin*."""
        if disabled == (person.disabled_at is not None):
            return
        if disabled:
            require_another_admin(tx, person)
            self._sessions.end_all(tx, person.id)
            self._links.withdraw(tx, person.id)
        at = self._clock.now() if disabled else None
        tx.execute(update(people).where(people.c.id == person.id).values(disabled_at=at))
        self._changes.tell(tx, changes.person(person.id))
        self._audit.record(tx, by, "person.disable" if disabled else "person.enable", person.id, remote)

    def shown(self, tx: Tx, person_id: str) -> Row[Any]:
        """One entry of the list."""
        return tx.execute(_shown(self._clock.now()).where(people.c.id == person_id)).one()


def scopes_named(role: str) -> frozenset[str]:
    """The scopes of *role*. Raises *WrongInput* when there is no such role."""
    if role not in ROLES:
        raise WrongInput(f"{role!r} is not a role; use {', '.join(ROLES)}")
    return ROLES[role]


def one(tx: Tx, person_id: str) -> Row[Any]:
    """The person's row. Raises *NotFound*."""
    return row_of(tx.conn, people, person_id, "person")


def enabled(tx: Tx, person_id: str) -> Row[Any]:
    """The same of somebody who may be let in. Raises *Conflict* when they are disabled."""
    row = one(tx, person_id)
    if row.disabled_at is not None:
        raise Conflict(f"{row.email} is disabled; enable the account first")
    return row


def _shown(now: datetime) -> Select[Any]:
    """People, until when they are invited, and when one of their sessions was last seen."""
    invitations = (sign_in_links.c.person_id == people.c.id, sign_in_links.c.purpose == "invitation")
    invited = select(func.max(sign_in_links.c.expires_at)).where(*invitations, *unused(now))
    seen = select(func.max(sessions.c.last_seen_at)).where(sessions.c.person_id == people.c.id)
    return select(people).add_columns(
        invited.scalar_subquery().label("invited_until"), seen.scalar_subquery().label("last_seen_at")
    )


def require_another_admin(tx: Tx, person: Row[Any]) -> None:
    """Where *person* is an admin. Raises *LastAdmin* when there is no other one."""
    if person.role != "admin":
        return
    # The lock makes two admins who disable each other at the same moment wait for one another (Postgres; SQLite has
    # one writer and ignores it). In one order, so that they do not deadlock.
    admins = select(people.c.id).where(people.c.role == "admin", people.c.disabled_at.is_(None))
    if set(tx.execute(admins.order_by(people.c.id).with_for_update()).scalars()) <= {person.id}:
        raise LastAdmin("this is the last admin; make another one first")

"""The people who may sign in."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from reelhook.auth import changes, emails
from reelhook.auth.audit import Audit
from reelhook.auth.changes import Changes
from reelhook.auth.links import SignInLinks
from reelhook.auth.passwords import Passwords
from reelhook.auth.principal import Principal
from reelhook.auth.refusals import EmailTaken, LastAdmin
from reelhook.auth.roles import ROLES, scopes_of
from reelhook.auth.sessions import Sessions
from reelhook.db import Database, Tx
from reelhook.db.tables import people
from reelhook.errors import Conflict, NotFound, WrongInput
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
        """A new person. Without a password they need a sign-in link. Raises *WrongInput*, *Forbidden*, *EmailTaken*."""
        email = emails.checked(email)
        by.require_power_over(_scopes(role))
        password_hash = None if password is None else await self._passwords.hash(password)

        def work(tx: Tx) -> Row[Any]:
            person_id = self.add(tx, email, role, password_hash)
            self._audit.record(tx, by, "person.create", person_id, remote, email=email, role=role)
            return _one(tx, person_id)

        return await self._db.write(work)

    def add(self, tx: Tx, email: str, role: str, password_hash: str | None) -> str:
        """The row alone, in a transaction of somebody else's. Returns the id. Raises *EmailTaken*."""
        person_id = self._ids.new()
        values = {"id": person_id, "email": email, "role": role, "password_hash": password_hash}
        try:
            tx.execute(insert(people).values(**values, created_at=self._clock.now()))
        except IntegrityError:
            raise EmailTaken(f"there is already a person with the address {email}") from None
        return person_id

    async def entries(self, page: Page) -> Sequence[Row[Any]]:
        """Everybody, disabled people too, newest first, one more than the page holds."""
        return await self._db.read(lambda conn: conn.execute(page.select(select(people), people.c.id)).all())

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

        Raises *NotFound*, *Forbidden*, and *LastAdmin* when nobody would be left who can let people in.
        """
        if role is not None:
            by.require_power_over(_scopes(role))

        def work(tx: Tx) -> Row[Any]:
            before = _one(tx, person_id)
            if before.role == "admin" and (disabled or role not in (None, "admin")):
                _require_another_admin(tx, person_id)
            if role is not None and role != before.role:
                tx.execute(update(people).where(people.c.id == person_id).values(role=role))
                self._audit.record(tx, by, "person.role", person_id, remote, email=before.email, role=role)
                self._changes.tell(tx, changes.person(person_id))
            if disabled is not None and disabled != (before.disabled_at is not None):
                self._switch(tx, by, before, disabled, remote)
            return _one(tx, person_id)

        return await self._db.write(work)

    async def sign_in_link(self, by: Principal, person_id: str, *, remote: str | None = None) -> str:
        """The token of a link by which this person signs in once. Raises *NotFound*, *Conflict*, *Forbidden*."""

        def work(tx: Tx) -> str:
            person = _one(tx, person_id)
            by.require_power_over(scopes_of(person.role))
            if person.disabled_at is not None:
                raise Conflict(f"{person.email} is disabled; enable the account first")
            self._audit.record(tx, by, "person.sign_in_link", person_id, remote, email=person.email)
            return self._links.issue(tx, person_id)

        return await self._db.write(work)

    def _switch(self, tx: Tx, by: Principal, person: Row[Any], disabled: bool, remote: str | None) -> None:
        at = self._clock.now() if disabled else None
        tx.execute(update(people).where(people.c.id == person.id).values(disabled_at=at))
        if disabled:
            self._sessions.end_all(tx, person.id)
            self._links.withdraw(tx, person.id)
        self._changes.tell(tx, changes.person(person.id))
        action = "person.disable" if disabled else "person.enable"
        self._audit.record(tx, by, action, person.id, remote, email=person.email)


def _scopes(role: str) -> frozenset[str]:
    if role not in ROLES:
        raise WrongInput(f"{role!r} is not a role; use {', '.join(ROLES)}")
    return ROLES[role]


def _one(tx: Tx, person_id: str) -> Row[Any]:
    row = tx.execute(select(people).where(people.c.id == person_id)).one_or_none()
    if row is None:
        raise NotFound(f"there is no person {person_id}")
    return row


def _require_another_admin(tx: Tx, person_id: str) -> None:
    # The lock makes two admins who disable each other at the same moment wait for one another (Postgres; SQLite has
    # one writer and ignores it). In one order, so that they do not deadlock.
    admins = select(people.c.id).where(people.c.role == "admin", people.c.disabled_at.is_(None))
    if set(tx.execute(admins.order_by(people.c.id).with_for_update()).scalars()) <= {person_id}:
        raise LastAdmin("this is the last admin; make another one first")

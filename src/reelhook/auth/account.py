"""One's own account: a person shows once more that it is really them, and changes what only they may change."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import select, update

from reelhook import logs
from reelhook.auth.audit import Audit
from reelhook.auth.links import SignInLinks
from reelhook.auth.passwords import Passwords
from reelhook.auth.principal import Principal
from reelhook.auth.ratelimit import SignInLimits
from reelhook.auth.refusals import NoPassword, WrongPassword
from reelhook.auth.sessions import Sessions
from reelhook.db import Database, Tx
from reelhook.db.tables import people
from reelhook.errors import Conflict

log = logs.get("auth")

T = TypeVar("T")


class Account:
    """What a signed-in person may do to the account itself. A stolen session alone is not enough for any of it."""

    def __init__(
        self,
        db: Database,
        passwords: Passwords,
        limits: SignInLimits,
        sessions: Sessions,
        links: SignInLinks,
        audit: Audit,
    ) -> None:
        self._db, self._passwords, self._limits = db, passwords, limits
        self._sessions, self._links, self._audit = sessions, links, audit

    async def has_password(self, principal: Principal) -> bool:
        """Whether *principal* is a person who can sign in with a password."""
        return await self._stored(principal) is not None

    async def change_password(self, principal: Principal, current: str, new: str, remote: str) -> None:
        """A new password. Every other sign-in of the person ends, and so do their links.

        Raises *WrongPassword*, *NoPassword*, *WrongInput*, *TooManyRequests*, *Conflict*.
        """

        def work(tx: Tx, new_hash: str) -> None:
            tx.execute(update(people).where(people.c.id == principal.id).values(password_hash=new_hash))
            self._sessions.end_others(tx, principal)
            self._links.withdraw(tx, principal.id)
            self._audit.record(tx, principal, "person.password", principal.id, remote)

        stored = await self.require_password(principal, current, remote)
        new_hash = await self._passwords.hash(new)
        await self.write_as(principal, stored, lambda tx: work(tx, new_hash))

    async def require_password(self, principal: Principal, password: str, remote: str) -> str:
        """The stored hash behind *password*, for `write_as`. Tries are counted with those to sign in.

        Raises *NoPassword*, *WrongPassword*, *TooManyRequests*, *LimitsUnavailable*.
        """
        stored = await self._stored(principal)
        if stored is None:
            raise NoPassword("this account has no password; a sign-in link can set one")
        await self._limits.require_room(remote, principal.name)
        if not await self._passwords.matches(stored, password):
            log.warning("password_refused", remote=remote, person=principal.id)
            raise WrongPassword("that is not your current password")
        return stored

    async def write_as(self, principal: Principal, stored: str, work: Callable[[Tx], T]) -> T:
        """*work* in a transaction in which *stored* is still the password: meanwhile somebody may have changed it."""

        def checked(tx: Tx) -> T:
            same = select(people.c.id).where(people.c.id == principal.id, people.c.password_hash == stored)
            if tx.execute(same.with_for_update()).one_or_none() is None:
                raise Conflict("the password was changed a moment ago; nothing was done")
            return work(tx)

        return await self._db.write(checked)

    async def _stored(self, principal: Principal) -> str | None:
        if principal.kind != "person":
            return None
        found = select(people.c.password_hash).where(people.c.id == principal.id)
        return await self._db.read(lambda conn: conn.execute(found).scalar())

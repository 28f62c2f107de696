"""New passwords in place of forgotten ones."""

from sqlalchemy import select

from reelhook.auth import emails
from reelhook.auth.audit import Audit
from reelhook.auth.invitations import Post
from reelhook.auth.links import Issued, SignInLinks
from reelhook.auth.passwords import Passwords
from reelhook.auth.people import People, enabled
from reelhook.auth.principal import Principal
from reelhook.auth.ratelimit import SignInLimits
from reelhook.auth.roles import scopes_of
from reelhook.db import Database, Tx
from reelhook.db.tables import people
from reelhook.kit.ids import Ids


class Resets:
    """Asked for by the person, by e-mail; or made by an admin. *post* None: this service sends no e-mail."""

    def __init__(
        self,
        db: Database,
        ids: Ids,
        passwords: Passwords,
        limits: SignInLimits,
        people: People,
        links: SignInLinks,
        audit: Audit,
        post: Post | None,
    ) -> None:
        self._db, self._ids, self._passwords, self._limits = db, ids, passwords, limits
        self._people, self._links, self._audit, self._post = people, links, audit, post

    async def ask(self, email: str, remote: str) -> bool:
        """Have a link mailed, if somebody with this address has a password; False where no e-mail is sent at all.

        Neither the answer nor the work tells which of the two it was. Raises *TooManyRequests*, *LimitsUnavailable*.
        """
        email = emails.normal(email)
        await self._limits.require_room_to_ask(remote, email)
        if self._post is None:
            return False
        post = self._post
        has_password = (people.c.disabled_at.is_(None), people.c.password_hash.is_not(None))
        found = select(people.c.id).where(people.c.email == email, *has_password)

        def work(tx: Tx) -> None:
            # For an address that nobody has, a job about nobody is committed: it finds nobody, and is done.
            post(tx, tx.execute(found).scalar() or self._ids.new(), "reset")

        await self._db.write(work)
        return True

    async def link(self, by: Principal, person_id: str, *, remote: str | None = None) -> Issued:
        """A link to be handed over, in place of earlier ones. Raises *NotFound*, *Conflict*, *Forbidden*."""

        def work(tx: Tx) -> Issued:
            by.require_power_over(scopes_of(enabled(tx, person_id).role))
            self._audit.record(tx, by, "person.reset_link", person_id, remote)
            return self._links.replace(tx, person_id, "reset")

        return await self._db.write(work)

    async def set_password(self, by: Principal, person_id: str, password: str, *, remote: str | None = None) -> None:
        """*password* at once; all of the person's sign-ins end. Raises as `link` does, and *WrongInput*."""
        password_hash = await self._passwords.hash(password)

        def work(tx: Tx) -> None:
            by.require_power_over(scopes_of(enabled(tx, person_id).role))
            self._people.set_password(tx, by, person_id, password_hash, remote)

        await self._db.write(work)

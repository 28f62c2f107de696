"""Signing in: by password, or by a one-time link."""

from dataclasses import dataclass

from sqlalchemy import select, update

from reelhook import logs
from reelhook.auth import emails
from reelhook.auth.audit import Audit
from reelhook.auth.links import GONE, Link, SignInLinks
from reelhook.auth.passwords import Passwords
from reelhook.auth.people import People
from reelhook.auth.principal import Principal, of_person
from reelhook.auth.ratelimit import SignInLimits
from reelhook.auth.refusals import LinkUnusable, PasswordRequired, SetupRequired, SignInRefused
from reelhook.auth.sessions import Sessions
from reelhook.db import Database, Tx
from reelhook.db.tables import people
from reelhook.errors import WrongInput

log = logs.get("auth")


@dataclass(frozen=True)
class Browser:
    """Where an attempt to sign in comes from."""

    remote: str
    user_agent: str | None


@dataclass(frozen=True)
class SignedIn:
    """Who is signed in now, and the token for the cookie."""

    principal: Principal
    token: str


class SignIn:
    """Each way ends in one transaction that opens the session and writes the audit log."""

    def __init__(
        self,
        db: Database,
        passwords: Passwords,
        limits: SignInLimits,
        sessions: Sessions,
        links: SignInLinks,
        people: People,
        audit: Audit,
    ) -> None:
        self._db, self._passwords, self._limits = db, passwords, limits
        self._sessions, self._links, self._people, self._audit = sessions, links, people, audit

    async def by_password(self, email: str, password: str, browser: Browser) -> SignedIn:
        """Raises *TooManyRequests*, *LimitsUnavailable* before any work.

        Raises *SignInRefused* after the same work for every reason.
        """
        email = emails.normal(email)
        await self._limits.require_room(browser.remote, email)
        found = select(people.c.id, people.c.password_hash).where(
            people.c.email == email, people.c.disabled_at.is_(None)
        )
        row = await self._db.read(lambda conn: conn.execute(found).one_or_none())
        stored = row.password_hash if row else None
        if not await self._passwords.matches(stored, password) or row is None:
            log.warning("sign_in_refused", remote=browser.remote)
            raise SignInRefused("the e-mail address or the password is wrong")
        renewed = await self._passwords.renewed(row.password_hash, password)

        def work(tx: Tx) -> SignedIn:
            if renewed is not None:
                same = (people.c.id == row.id, people.c.password_hash == row.password_hash)
                tx.execute(update(people).where(*same).values(password_hash=renewed))
            return self._enter(tx, row.id, browser, "password")

        return await self._db.write(work)

    async def by_link(self, token: str, email: str | None, password: str | None, browser: Browser) -> SignedIn:
        """Sign in by a one-time link; a password given with it becomes the person's password.

        The first admin's link needs both *email* and *password*, else *SetupRequired*; an invitation and a link for a
        new password need a *password*, else *PasswordRequired*; with either the link stays usable. Raises
        *LinkUnusable*, *WrongInput*, *TooManyRequests*, *LimitsUnavailable*.
        """
        await self._limits.require_room(browser.remote)
        link = await self._links.peek(token)
        if link.person_id is None:
            return await self._set_up(token, email, password, browser)
        if email is not None:
            raise WrongInput("this link already belongs to a person; leave out the e-mail address")
        if password is None:
            _require_no_password(link)
        password_hash = None if password is None else await self._passwords.hash(password)
        return await self._db.write(lambda tx: self._enter_by_link(tx, token, browser, password_hash))

    def by_identity(self, tx: Tx, person_id: str, browser: Browser) -> SignedIn:
        """Sign in a person whom a provider of identities has named, in the transaction that found out who it is.

        Raises *SignInRefused* when the account is disabled.
        """
        return self._enter(tx, person_id, browser, "oidc")

    async def sign_out(self, principal: Principal, token: str, remote: str) -> None:
        """End the session behind *token*."""

        def work(tx: Tx) -> None:
            if self._sessions.end(tx, token):
                self._audit.record(tx, principal, "session.end", principal.id, remote)

        await self._db.write(work)

    async def _set_up(self, token: str, email: str | None, password: str | None, browser: Browser) -> SignedIn:
        if email is None or password is None:
            raise SetupRequired("choose an e-mail address and a password for the first admin")
        checked, password_hash = emails.checked(email), await self._passwords.hash(password)

        def work(tx: Tx) -> SignedIn:
            self._links.use(tx, token)
            person_id = self._people.add(tx, None, checked, "admin", password_hash, browser.remote)
            return self._enter(tx, person_id, browser, "link")

        return await self._db.write(work)

    def _enter_by_link(self, tx: Tx, token: str, browser: Browser, password_hash: str | None) -> SignedIn:
        person_id = self._links.use(tx, token)
        if person_id is None:
            raise LinkUnusable(GONE)
        if password_hash is not None:
            self._people.set_password(tx, f"person:{person_id}", person_id, password_hash, browser.remote)
        return self._enter(tx, person_id, browser, "link")

    def _enter(self, tx: Tx, person_id: str, browser: Browser, by: str) -> SignedIn:
        # Read again: while the password was being checked, an admin may have disabled the person.
        enabled = (people.c.id == person_id, people.c.disabled_at.is_(None))
        person = tx.execute(select(people.c.email, people.c.role).where(*enabled)).one_or_none()
        if person is None:
            raise SignInRefused("this account is disabled")
        principal = of_person(person_id, person.email, person.role)
        token = self._sessions.open(tx, person_id, browser.user_agent, browser.remote)
        self._audit.record(tx, principal, "session.create", person_id, browser.remote, by=by)
        return SignedIn(principal, token)


def _require_no_password(link: Link) -> None:
    if link.purpose == "sign_in" or link.email is None:
        return
    raise PasswordRequired(f"choose a password for {link.email}", link.purpose, link.email)

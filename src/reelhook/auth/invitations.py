"""Invitations: people who are here, but have not come yet. They come by a link with which they choose a password."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, exists, select

from reelhook.auth import emails
from reelhook.auth.audit import Audit
from reelhook.auth.links import SignInLinks
from reelhook.auth.people import People, enabled, one, scopes_named
from reelhook.auth.principal import Principal
from reelhook.auth.roles import scopes_of
from reelhook.db import Database, Tx
from reelhook.db.tables import identities
from reelhook.errors import Conflict

MailedPurpose = Literal["invitation", "reset"]
# Has a link for this purpose mailed to this person, once the transaction is committed.
Post = Callable[[Tx, str, MailedPurpose], None]


@dataclass(frozen=True)
class Invitation:
    """Open *until* then. *token* None: its link is known to nobody but the mail that brings it."""

    until: datetime
    token: str | None


class Invitations:
    """*post* None: this service sends no e-mail, so that each link is handed over by whoever invites."""

    def __init__(self, db: Database, people: People, links: SignInLinks, audit: Audit, post: Post | None) -> None:
        self._db, self._people, self._links, self._audit, self._post = db, people, links, audit, post

    async def invite(
        self, by: Principal, email: str, role: str, *, hand_over: bool = False, remote: str | None = None
    ) -> tuple[Row[Any], Invitation]:
        """A new person, and the link for them, mailed unless *hand_over*.

        Raises *WrongInput*, *Forbidden*, *EmailTaken*.
        """
        email = emails.checked(email)
        by.require_power_over(scopes_named(role))

        def work(tx: Tx) -> tuple[Row[Any], Invitation]:
            person_id = self._people.add(tx, by, email, role, None, remote)
            made = self._open(tx, by, person_id, hand_over, remote)
            return self._people.shown(tx, person_id), made

        return await self._db.write(work)

    async def again(
        self, by: Principal, person_id: str, *, hand_over: bool = False, remote: str | None = None
    ) -> Invitation:
        """A new link in place of the earlier ones. Raises *NotFound*, *Forbidden*, *Conflict*."""

        def work(tx: Tx) -> Invitation:
            person = enabled(tx, person_id)
            by.require_power_over(scopes_of(person.role))
            _require_not_come(tx, person)
            return self._open(tx, by, person_id, hand_over, remote)

        return await self._db.write(work)

    async def withdraw(self, by: Principal, person_id: str, *, remote: str | None = None) -> None:
        """Its link works no more, and the account, which nobody ever used, is disabled.

        Raises *NotFound*, *Conflict* when they have come already.
        """

        def work(tx: Tx) -> None:
            person = one(tx, person_id)
            _require_not_come(tx, person)
            self._people.switch(tx, by, person, True, remote)

        await self._db.write(work)

    def _open(self, tx: Tx, by: Principal, person_id: str, hand_over: bool, remote: str | None) -> Invitation:
        # When it is mailed, this link's token is thrown away: the row says that the invitation is open, and the mail
        # gets a link of its own at the moment it is sent.
        link, post = self._links.replace(tx, person_id, "invitation"), None if hand_over else self._post
        self._audit.record(tx, by, "person.invite", person_id, remote, mailed=post is not None)
        if post is None:
            return Invitation(link.until, link.token)
        post(tx, person_id, "invitation")
        return Invitation(link.until, None)


def _require_not_come(tx: Tx, person: Row[Any]) -> None:
    known_elsewhere = select(exists().where(identities.c.person_id == person.id))
    if person.password_hash is not None or tx.execute(known_elsewhere).scalar():
        raise Conflict(f"{person.email} has accepted already; disable the account, or send a link for a new password")

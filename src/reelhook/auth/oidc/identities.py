"""Which of our people somebody is whom the provider knows."""

from sqlalchemy import ColumnElement, Connection, exists, insert, select, update
from sqlalchemy.exc import IntegrityError

from reelhook.auth.audit import Audit
from reelhook.auth.oidc.claims import Claims
from reelhook.auth.oidc.errors import OidcDisabled, OidcNoEmail, OidcNotInvited, OidcOtherIdentity
from reelhook.auth.people import People
from reelhook.auth.principal import of_person
from reelhook.auth.refusals import EmailTaken, SignInRefused
from reelhook.auth.sign_in import Browser, SignedIn, SignIn
from reelhook.db import Database, Tx
from reelhook.db.tables import identities, people
from reelhook.kit.clock import Clock


class Identities:
    """Issuer and subject name a person; an e-mail address does so once, the first time, and never again.

    *role* is that of people who come for the first time and were not invited; None: they are refused.
    """

    def __init__(
        self, db: Database, clock: Clock, people: People, sign_in: SignIn, audit: Audit, role: str | None
    ) -> None:
        self._db, self._clock, self._role = db, clock, role
        self._people, self._sign_in, self._audit = people, sign_in, audit

    async def is_known(self, claims: Claims) -> bool:
        """Whether the address of this person no longer matters."""

        def work(conn: Connection) -> bool:
            return bool(conn.execute(select(exists().where(*_this(claims)))).scalar())

        return await self._db.read(work)

    async def enter(self, claims: Claims, browser: Browser) -> SignedIn:
        """Sign in whom *claims* speaks of, in one transaction with all that this changes.

        Raises *OidcDisabled*, and for somebody new *OidcNoEmail*, *OidcNotInvited*, *OidcOtherIdentity*.
        """
        try:
            return await self._db.write(lambda tx: self._enter(tx, claims, browser))
        except (IntegrityError, EmailTaken):  # the same person came twice at the same moment; now they are known
            return await self._db.write(lambda tx: self._enter(tx, claims, browser))

    def _enter(self, tx: Tx, claims: Claims, browser: Browser) -> SignedIn:
        person_id = tx.execute(select(identities.c.person_id).where(*_this(claims))).scalar_one_or_none()
        if person_id is None:
            person_id = self._link(tx, claims, browser)
        else:
            tx.execute(update(identities).where(*_this(claims)).values(last_used_at=self._clock.now()))
        try:
            return self._sign_in.by_identity(tx, person_id, browser)
        except SignInRefused as error:
            raise OidcDisabled(error.message) from None

    def _link(self, tx: Tx, claims: Claims, browser: Browser) -> str:
        """The id of the person to whom this identity belongs from now on."""
        if claims.email is None:
            raise OidcNoEmail("the provider tells no verified e-mail address of somebody new")
        found = select(people.c.id, people.c.role, people.c.disabled_at).where(people.c.email == claims.email)
        person = tx.execute(found).one_or_none()
        if person is None:
            person_id, role = self._welcome(tx, claims.email, browser)
        elif person.disabled_at is not None:
            raise OidcDisabled("this account is disabled")
        else:
            person_id, role = person.id, person.role
        taken = (identities.c.person_id == person_id, identities.c.issuer == claims.issuer)
        subject = tx.execute(select(identities.c.subject).where(*taken)).scalars().first()
        if subject == claims.subject:  # linked by another transaction since ours looked
            return str(person_id)
        if subject is not None:
            raise OidcOtherIdentity(f"the provider knows {person_id} under another subject already")
        now = self._clock.now()
        row = {"issuer": claims.issuer, "subject": claims.subject, "person_id": person_id}
        tx.execute(insert(identities).values(**row, created_at=now, last_used_at=now))
        who = of_person(person_id, claims.email, role)
        self._audit.record(tx, who, "identity.link", person_id, browser.remote, issuer=claims.issuer)
        return str(person_id)

    def _welcome(self, tx: Tx, email: str, browser: Browser) -> tuple[str, str]:
        if self._role is None:
            raise OidcNotInvited("nobody with this address was invited")
        return self._people.add(tx, None, email, self._role, None, browser.remote), self._role


def _this(claims: Claims) -> tuple[ColumnElement[bool], ...]:
    return identities.c.issuer == claims.issuer, identities.c.subject == claims.subject

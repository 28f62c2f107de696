"""Mails a one-time link to a person. Its token is made at the moment of sending, and is in the letter alone."""

from dataclasses import dataclass

from sqlalchemy import select

from reelhook.auth import Audit
from reelhook.auth.links import Issued, SignInLinks
from reelhook.auth.site import Site
from reelhook.db import Database, Tx
from reelhook.db.tables import people
from reelhook.jobs import Effect
from reelhook.jobs.kinds import MailLink
from reelhook.notify.channels.email.errors import MailNotSetUp
from reelhook.notify.channels.email.letters import Letters, Sender, recipient
from reelhook.notify.channels.email.server import SmtpServer

ACTOR = "system:mail"


@dataclass(frozen=True)
class MailLinkHandler:
    """Sends nothing to somebody who needs no such link by now, or does not exist: whoever asks may be anybody."""

    db: Database
    links: SignInLinks
    audit: Audit
    site: Site
    sender: Sender
    letters: Letters
    server: SmtpServer | None

    async def __call__(self, work: MailLink) -> Effect | None:
        """Raises *MailNotSetUp*, and what `SmtpServer.send` raises.

        An attempt whose letter got lost leaves a link behind that nobody knows. If the answer to a letter gets lost it
        is sent a second time, with a link of its own.
        """
        if self.server is None or self.site.public_url is None:
            raise MailNotSetUp("set REELHOOK_SMTP_URL and REELHOOK_PUBLIC_URL wherever jobs are done, to send e-mail")
        made = await self.db.write(lambda tx: self._make(tx, work))
        if made is None:
            return None
        email, link = made
        letter = self.letters.letter(work.purpose, email, self.site.link(link.token) or "", link.until)
        await self.server.send(letter, self.sender.address, recipient(email))
        return lambda tx: self.audit.record(tx, ACTOR, "person.mail", work.person_id, None, purpose=work.purpose)

    def _make(self, tx: Tx, work: MailLink) -> tuple[str, Issued] | None:
        found = select(people.c.email, people.c.password_hash.is_not(None).label("has_password"))
        person = tx.execute(found.where(people.c.id == work.person_id, people.c.disabled_at.is_(None))).one_or_none()
        if person is None:
            return None
        if work.purpose == "reset":
            return (person.email, self.links.replace(tx, work.person_id, "reset")) if person.has_password else None
        # Beside the links that are there: one of them may have been handed over while the mail server was away.
        if person.has_password or not self.links.are_open(tx.conn, work.person_id, "invitation"):
            return None
        return person.email, self.links.issue(tx, work.person_id, "invitation")

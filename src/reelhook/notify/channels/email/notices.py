"""The channel `email`: a letter for each notification, with a link to its matter and one that ends such letters."""

from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

from sqlalchemy import ColumnElement, false, true

from reelhook.auth.callback_tokens import IdTokens
from reelhook.kit.clock import Clock
from reelhook.notify.channel import Notice, Recipient, Sent
from reelhook.notify.channels.email.errors import MailNotSetUp
from reelhook.notify.channels.email.letters import Sender, html_button, html_page, recipient
from reelhook.notify.channels.email.server import SmtpServer

OPEN = "Open it in Reelhook"
WHY = "You get this because you have an account at {site}. No more e-mail about what happens there:"
STOP = "No more e-mail like this"


@dataclass(frozen=True)
class EmailChannel:
    """*site*: our own address, without which no letter has its links; *server* None: no SMTP_URL."""

    clock: Clock
    sender: Sender
    tokens: IdTokens
    site: str | None
    server: SmtpServer | None
    name: str = "email"
    certain: bool = False
    missing: str = "no e-mail is sent here: REELHOOK_SMTP_URL and REELHOOK_PUBLIC_URL have to be set"

    def reachable(self) -> ColumnElement[bool]:
        return false() if self.server is None or self.site is None else true()

    async def send(self, notice: Notice, person: Recipient) -> Sent:
        """Raises *MailNotSetUp*, and what `SmtpServer.send` raises."""
        if self.server is None or self.site is None:
            raise MailNotSetUp("set REELHOOK_SMTP_URL and REELHOOK_PUBLIC_URL wherever jobs are done, to send e-mail")
        letter = self.letter(self.site, notice, person)
        await self.server.send(letter, self.sender.address, recipient(person.email))
        return Sent(person.email, f"{self.server.host}:{self.server.port} took the letter")

    def letter(self, site: str, notice: Notice, person: Recipient) -> EmailMessage:
        """What a mail program shows; a line break in what a stranger named would raise *ValueError* in a header."""
        stop = f"{site}/unsubscribe/{self.tokens.issue(person.id)}"
        link = site + notice.url
        message = EmailMessage(policy=SMTP)
        message["From"] = self.sender.header
        message["To"] = recipient(person.email)
        message["Subject"] = " ".join(notice.title.split())
        message["Date"] = format_datetime(self.clock.now())
        message["Message-ID"] = f"<{notice.id}@{self.sender.domain}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
        message["List-Unsubscribe"] = f"<{stop}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
        why = WHY.format(site=site)
        message.set_content(f"{_plain(site, notice)}\n\n{link}\n\n-- \n{why}\n{stop}\n")
        message.add_alternative(_html(site, notice, link, why, stop), subtype="html")
        return message


def _plain(site: str, notice: Notice) -> str:
    if not notice.items:
        return f"{notice.title}\n\n{notice.body}"
    return "\n\n".join((notice.title, *(f"{title}\n{site}{path}" for title, path in notice.items)))


def _html(site: str, notice: Notice, link: str, why: str, stop: str) -> str:
    items = [f'<a href="{escape(site + path)}">{escape(title)}</a>' for title, path in notice.items]
    told = items or [escape(notice.body)]
    small = f'<span style="font-size:13px;color:#6b6b68">{escape(why)} <a href="{escape(stop)}">{STOP}</a></span>'
    title = f"<strong>{escape(notice.title)}</strong>"
    return html_page(notice.title, [title, *told, html_button(link, OPEN), small])

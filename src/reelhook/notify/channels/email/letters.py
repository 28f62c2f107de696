"""What letters say, and how they are put together: plain text and simple HTML, with one link."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from html import escape
from typing import Literal, Self

from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids

Purpose = Literal["invitation", "reset"]


@dataclass(frozen=True)
class Words:
    """One letter. *before* stands above the link, *after* below it; `{site}` and `{until}` are filled in."""

    subject: str
    before: str
    button: str
    after: str


WORDS: dict[Purpose, Words] = {
    "invitation": Words(
        "You are invited to Reelhook",
        "You are invited to Reelhook at {site}, where your team's videos arrive. Choose a password, and you are in:",
        "Choose a password",
        "The link works once, until {until}. If you did not expect this, leave it: without the link nobody gets in.",
    ),
    "reset": Words(
        "A new password for Reelhook",
        "Somebody, probably you, has asked for a new password at {site}. Choose it here:",
        "Choose a new password",
        "The link works once, until {until}. It signs you out everywhere else. If it was not you, leave it: nothing "
        "has changed, and your password still works.",
    ),
}


@dataclass(frozen=True)
class Sender:
    """Whom letters come from: *name* and *address*, of the setting MAIL_FROM."""

    header: str
    address: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """From MAIL_FROM, whose shape the settings have checked."""
        return cls(text, _wire(parseaddr(text)[1]))

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


class Letters:
    """Writes them."""

    def __init__(self, sender: Sender, site: str, clock: Clock, ids: Ids) -> None:
        self._sender, self._site, self._clock, self._ids = sender, site, clock, ids

    def letter(self, purpose: Purpose, to: str, link: str, until: datetime) -> EmailMessage:
        """Nothing in it comes from strangers, and a line break in any header would raise *ValueError*."""
        words = WORDS[purpose]
        filled = {"site": self._site, "until": f"{until:%-d %B %Y, %H:%M} UTC"}
        before, after = words.before.format(**filled), words.after.format(**filled)
        message = EmailMessage(policy=SMTP)
        message["From"] = self._sender.header
        message["To"] = recipient(to)
        message["Subject"] = words.subject
        message["Date"] = format_datetime(self._clock.now())
        message["Message-ID"] = f"<{self._ids.new()}@{self._sender.domain}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
        message.set_content(f"{before}\n\n{link}\n\n{after}\n")
        message.add_alternative(_html(words, before, link, after), subtype="html")
        return message


def recipient(email: str) -> str:
    """An account's address as it is written on the envelope: its domain in ASCII."""
    return _wire(email)


def _wire(address: str) -> str:
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:  # a label that is too long, or no label at all: the server will say so
        return address


def _html(words: Words, before: str, link: str, after: str) -> str:
    plain = f'Or open this address:<br><span style="word-break:break-all">{escape(link)}</span>'
    return html_page(words.subject, [escape(before), html_button(link, words.button), escape(after), plain])


def html_button(link: str, words: str) -> str:
    style = "display:inline-block;padding:10px 18px;border-radius:3px;background:#1a1a19;color:#ffffff;font-weight:600"
    return f'<a href="{escape(link)}" style="{style};text-decoration:none">{escape(words)}</a>'


def html_page(title: str, paragraphs: Sequence[str]) -> str:
    """A letter of *paragraphs*, which are HTML already."""
    inside = "".join(f'<p style="margin:0 0 20px">{one}</p>' for one in paragraphs)
    font = "font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title></head>'
        f'<body style="margin:0;padding:32px 20px;{font};color:#1a1a19"><div style="max-width:34rem">{inside}</div>'
        "</body></html>\n"
    )

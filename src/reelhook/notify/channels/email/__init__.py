"""E-mail to people, sent through the operator's own SMTP server: one-time links, and what they are told.

Offers the `SmtpServer`, the `Sender` of `Letters`, the handler of `mail_link` jobs, `MailLinkHandler`, and the channel,
`EmailChannel`.
"""

from reelhook.notify.channels.email.handler import MailLinkHandler
from reelhook.notify.channels.email.letters import Letters, Sender
from reelhook.notify.channels.email.notices import EmailChannel
from reelhook.notify.channels.email.server import SmtpServer

__all__ = ["EmailChannel", "Letters", "MailLinkHandler", "Sender", "SmtpServer"]

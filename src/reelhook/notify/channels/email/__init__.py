"""E-mail to people: plain letters with one link each, sent through the operator's own SMTP server.

Offers the `SmtpServer`, the `Sender` of `Letters`, and the handler of `mail_link` jobs, `MailLinkHandler`.
"""

from reelhook.notify.channels.email.handler import MailLinkHandler
from reelhook.notify.channels.email.letters import Letters, Sender
from reelhook.notify.channels.email.server import SmtpServer

__all__ = ["Letters", "MailLinkHandler", "Sender", "SmtpServer"]

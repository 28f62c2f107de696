"""Why a letter was not sent."""

from reelhook.errors import ReelhookError, Unavailable
from reelhook.notify.errors import OutcomeUnknown


class MailServerUnreached(Unavailable):
    """No answer, a broken connection, or one that may not be used because it is not encrypted."""

    code = "mail_server_unreached"


class MailUnclear(OutcomeUnknown):
    """The connection ended, or the time was over, after the letter had been handed over and before the answer."""

    code = "mail_outcome_unknown"


class MailLoginRefused(Unavailable):
    """Tried again: the operator may mend SMTP_URL meanwhile."""

    code = "mail_login_refused"


class MailDeferred(Unavailable):
    """The server says: not now (4xx)."""

    code = "mail_deferred"


class MailRefused(ReelhookError):
    """The server says: never (5xx). The same letter gets the same answer."""

    code = "mail_refused"


class MailNotSetUp(Unavailable):
    """The letter was asked for when SMTP_URL and PUBLIC_URL were set, and now they are not, or not here."""

    code = "mail_not_set_up"

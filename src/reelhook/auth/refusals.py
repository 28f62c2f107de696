"""The errors of this room."""

from reelhook.errors import Conflict, Forbidden, ReelhookError, Unauthorized


class Malformed(ReelhookError):
    """A request whose headers contradict themselves."""

    status, code = 400, "bad_request"


class BodyTooLarge(ReelhookError):
    status, code = 413, "body_too_large"


class CsrfRefused(Forbidden):
    code = "csrf"


class SignInRefused(Unauthorized):
    """One answer for unknown, wrong and disabled, so that nobody can find out who has an account."""

    code = "sign_in_refused"


class LinkUnusable(Unauthorized):
    code = "link_unusable"


class SetupRequired(Conflict):
    """The link makes the first admin; it has to be sent again with an e-mail address and a password."""

    code = "setup_required"


class EmailTaken(Conflict):
    code = "email_taken"


class LastAdmin(Conflict):
    code = "last_admin"

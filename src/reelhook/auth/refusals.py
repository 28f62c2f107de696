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


class TokenExpired(Unauthorized):
    """A stream token of ours whose time is over: unlike one that never was good, another of its kind will do."""

    code = "token_expired"


class MediaLinkExpired(ReelhookError):
    """A signed link to a stored file whose time is over."""

    status, code = 410, "link_expired"


class MediaLinkRevoked(MediaLinkExpired):
    """The same, ended early: whoever gave it out has lost their access."""

    code = "link_revoked"


class SetupRequired(Conflict):
    """The link makes the first admin; it has to be sent again with an e-mail address and a password."""

    code = "setup_required"


class EmailTaken(Conflict):
    code = "email_taken"


class LastAdmin(Conflict):
    code = "last_admin"

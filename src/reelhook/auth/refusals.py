"""The errors of this room."""

from collections.abc import Mapping

from reelhook.errors import Conflict, Forbidden, ReelhookError, Unauthorized


class Malformed(ReelhookError):
    """A request whose headers contradict themselves."""

    status, code = 400, "bad_request"


class BodyTooLarge(ReelhookError):
    status, code = 413, "body_too_large"


class CsrfRefused(Forbidden):
    code = "csrf"


class ForeignOrigin(Forbidden):
    """A page of another origin, with nothing but our cookie."""

    code = "foreign_origin"


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


class PasswordRequired(Conflict):
    """An invitation, or a link for a new password; it has to be sent again with the password that is to be set."""

    code = "password_required"

    def __init__(self, message: str, purpose: str, email: str) -> None:
        super().__init__(message)
        self._purpose, self._email = purpose, email

    @property
    def extra(self) -> Mapping[str, str]:
        return {"purpose": self._purpose, "email": self._email}


class EmailTaken(Conflict):
    code = "email_taken"


class KeyEnded(Conflict):
    code = "key_ended"


class WrongPassword(Forbidden):
    """Of somebody who is signed in, and has to show that it is really them."""

    code = "wrong_password"


class NoPassword(Conflict):
    """Asked for a password of an account that has none, or of a key."""

    code = "no_password"


class NotAPerson(Conflict):
    """A key asked for what only a person has."""

    code = "not_a_person"


class Erased(Conflict):
    """The person was erased, and nothing brings them back."""

    code = "erased"


class LastAdmin(Conflict):
    code = "last_admin"

"""Why nobody was signed in. The *code* goes to the sign-in page, which has words for it; the message to the log."""

from reelhook.errors import Forbidden, NotFound, Unauthorized, Unavailable


class OidcOff(NotFound):
    """No provider is set."""

    code = "oidc_off"


class OidcUnavailable(Unavailable):
    """The provider does not answer, or not in a way that makes sense."""

    code = "oidc_unavailable"


class OidcExpired(Unauthorized):
    """This browser did not begin this sign-in, or began it too long ago, or has finished it already."""

    code = "oidc_expired"


class OidcDenied(Unauthorized):
    """The provider says no: the person stopped there, or may not use this service."""

    code = "oidc_denied"


class OidcRefused(Unauthorized):
    """What the provider said does not stand: a code it does not know, a token that is not for us, not now, not its."""

    code = "oidc_refused"


class OidcNoEmail(Forbidden):
    """Somebody new, of whom the provider tells no verified e-mail address."""

    code = "oidc_no_email"


class OidcNotInvited(Forbidden):
    """Somebody new, and newcomers are not let in."""

    code = "oidc_not_invited"


class OidcOtherIdentity(Forbidden):
    """The address belongs to somebody whom the same provider knows under another subject."""

    code = "oidc_other_identity"


class OidcDisabled(Forbidden):
    """The person is known, and disabled."""

    code = "oidc_disabled"

"""Why a push message was not taken."""

from reelhook.errors import Blame, Unavailable


class NotTaken(Unavailable):
    """The push service could not be reached, did not answer in time, or is in trouble: 5xx, 429."""

    code, blame = "push_service_unavailable", Blame.UNCLEAR


class Refused(NotTaken):
    """The push service answered, and will not take this message: saying it again would not help."""

    code, retryable, blame = "push_refused", False, Blame.WORK


class Gone(Refused):
    """The browser no longer listens: the person took the permission back, or the browser is no more."""

    code = "push_subscription_gone"


class AddressNotAllowed(Refused):
    """The push service's address is not public, and the operator has not allowed it."""

    code = "push_address_refused"


class KeySealed(Unavailable):
    """There is nothing to sign with: what the key was sealed with is not among the present keys."""

    code = "secret_sealed"

"""Why a message was not delivered."""

from reelhook.errors import Blame, Unavailable


class NotDelivered(Unavailable):
    """The endpoint could not be reached, did not answer in time, or is in trouble: 5xx, 429."""

    code, blame = "endpoint_unavailable", Blame.UNCLEAR


class NotAccepted(NotDelivered):
    """The endpoint answered, but not with a 2xx: it is there, and may be mended before the last attempt."""

    code, blame = "endpoint_refused", Blame.WORK


class AddressNotAllowed(NotDelivered):
    """The endpoint's address is not public, and the operator has not allowed it."""

    code, retryable, blame = "endpoint_address_refused", False, Blame.WORK


class NoSecret(Unavailable):
    """There is nothing to sign with: what the secrets were sealed with is not among the present keys."""

    code = "secret_sealed"

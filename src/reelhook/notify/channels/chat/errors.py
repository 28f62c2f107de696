"""Why a chat did not take a message."""

from reelhook.errors import Conflict, ReelhookError, Unavailable


class ChatUnreached(Unavailable):
    """No connection came about, so nothing was sent."""

    code = "chat_unreached"


class ChatBusy(Unavailable):
    """The service says: not now (429, 503)."""

    code = "chat_busy"


class ChatRefused(ReelhookError):
    """The service says no: the address is wrong, or it was taken back."""

    code = "chat_refused"


class ChatSealed(Unavailable):
    """The address was sealed with a key that is not among the present ones."""

    code = "secret_sealed"


class NoApprise(Conflict):
    code = "chat_not_installed"

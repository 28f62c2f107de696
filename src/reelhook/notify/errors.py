"""Why somebody was not told."""

from reelhook.errors import Conflict, Unavailable


class OutcomeUnknown(Unavailable):
    """The message was handed over, and what came of it was never said: it may have arrived."""

    code = "outcome_unknown"


class NoSuchWay(Conflict):
    """The channel is not set up here, or nothing of this person's takes it."""

    code = "channel_not_set_up"


class NotToRepeat(Conflict):
    """It was sent, or is about to be."""

    code = "not_to_repeat"

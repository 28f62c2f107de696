"""Why somebody was not told."""

from reelhook.errors import Conflict, Unavailable


class OutcomeUnknown(Unavailable):
    """The message was handed over, and what came of it was never said: it may have arrived."""

    code = "outcome_unknown"


class ChannelMissing(Unavailable):
    """This process knows no such channel: it has another version, or other settings, than the one that asked for it."""

    code = "channel_missing"


class NotReachable(Conflict):
    """The channel is not set up here, or nothing of this person's takes it."""

    code = "channel_not_set_up"


class NotToRepeat(Conflict):
    """It was sent, or is about to be."""

    code = "not_to_repeat"

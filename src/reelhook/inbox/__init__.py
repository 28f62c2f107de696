"""What arrived, once: group commit, recognising repeats, applying events, and what was refused.

Offers `Inbox` (the way in for every event), `Rejections`, `Replays`, and the job handlers that apply events,
confirm them with HeyGen, and apply them again.
"""

from reelhook.inbox.arrival import TEST_TYPE, Arrival, Receipt
from reelhook.inbox.inbox import Inbox
from reelhook.inbox.rejections import Rejection, Rejections
from reelhook.inbox.replay import Replays

__all__ = ["TEST_TYPE", "Arrival", "Inbox", "Receipt", "Rejection", "Rejections", "Replays"]

"""How to ask HeyGen, and what it answers. Nothing here knows of our own tables or jobs.

What it posts by itself is read in `events`. Every fact that may change at its side (a name, a field, a path) stands in
these two rooms and nowhere else.
"""

from reelhook.heygen.catalogue import Gathered, ListedVideo, Look, Ownership, VideoList, Voice
from reelhook.heygen.client import HeyGen
from reelhook.heygen.errors import (
    HeyGenBusy,
    HeyGenError,
    HeyGenRefused,
    HeyGenUnauthorized,
    HeyGenUnavailable,
    RequestInProgress,
    VideoNotFound,
)
from reelhook.heygen.remote import Created, RemoteStatus, RemoteVideo
from reelhook.heygen.request_rules import Fault, faults
from reelhook.heygen.requests import Creation, creation_of
from reelhook.heygen.retold import ASKABLE, of_answer, of_past
from reelhook.heygen.webhooks import Endpoint, HistoryPage, PastEvent

__all__ = [
    "ASKABLE",
    "Created",
    "Creation",
    "Endpoint",
    "Fault",
    "Gathered",
    "HeyGen",
    "HeyGenBusy",
    "HeyGenError",
    "HeyGenRefused",
    "HeyGenUnauthorized",
    "HeyGenUnavailable",
    "HistoryPage",
    "ListedVideo",
    "Look",
    "Ownership",
    "PastEvent",
    "RemoteStatus",
    "RemoteVideo",
    "RequestInProgress",
    "VideoList",
    "VideoNotFound",
    "Voice",
    "creation_of",
    "faults",
    "of_answer",
    "of_past",
]

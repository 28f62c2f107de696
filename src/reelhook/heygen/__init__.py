"""All we know of HeyGen: what it sends, how it signs, and how to ask it. Nothing here knows of our own tables or jobs.

Every fact that may change at HeyGen's side (a name, a field, a path) stands in this room and nowhere else.
"""

from reelhook.heygen.catalogue import Gathered, ListedVideo, Look, Ownership, VideoList, Voice
from reelhook.heygen.client import HeyGen
from reelhook.heygen.diagnosis import Diagnosis, diagnose, retired_signer
from reelhook.heygen.drift import Difference, differences
from reelhook.heygen.errors import (
    HeyGenBusy,
    HeyGenError,
    HeyGenRefused,
    HeyGenUnauthorized,
    HeyGenUnavailable,
    RequestInProgress,
    VideoNotFound,
)
from reelhook.heygen.families import EVENT_TYPES, EventType, Family
from reelhook.heygen.links import dies_at, expires_at
from reelhook.heygen.offers import Known
from reelhook.heygen.remote import Created, RemoteStatus, RemoteVideo
from reelhook.heygen.request_rules import Fault, faults
from reelhook.heygen.requests import Creation, creation_of
from reelhook.heygen.retold import ASKABLE, of_answer, of_past
from reelhook.heygen.shapes import (
    EVENT_ID_HEADER,
    UNKNOWN,
    UNPARSEABLE,
    Event,
    header_event_id,
    header_timestamp,
    parse,
)
from reelhook.heygen.signals import VideoSignal, signals
from reelhook.heygen.signature import HEADERS, Claim, Secret, claims, matching, sign
from reelhook.heygen.webhooks import Endpoint, HistoryPage, PastEvent

__all__ = [
    "ASKABLE",
    "EVENT_ID_HEADER",
    "EVENT_TYPES",
    "HEADERS",
    "UNKNOWN",
    "UNPARSEABLE",
    "Claim",
    "Created",
    "Creation",
    "Diagnosis",
    "Difference",
    "Endpoint",
    "Event",
    "EventType",
    "Family",
    "Fault",
    "Gathered",
    "HeyGen",
    "HeyGenBusy",
    "HeyGenError",
    "HeyGenRefused",
    "HeyGenUnauthorized",
    "HeyGenUnavailable",
    "HistoryPage",
    "Known",
    "ListedVideo",
    "Look",
    "Ownership",
    "PastEvent",
    "RemoteStatus",
    "RemoteVideo",
    "RequestInProgress",
    "Secret",
    "VideoList",
    "VideoNotFound",
    "VideoSignal",
    "Voice",
    "claims",
    "creation_of",
    "diagnose",
    "dies_at",
    "differences",
    "expires_at",
    "faults",
    "header_event_id",
    "header_timestamp",
    "matching",
    "of_answer",
    "of_past",
    "parse",
    "retired_signer",
    "sign",
    "signals",
]

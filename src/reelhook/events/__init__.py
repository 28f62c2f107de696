"""What HeyGen posts: the events it tells of, what they mean for videos, who signed them, and why a signature is wrong.

Pure, and in need of nothing but Python and orjson: programs that keep a framework of their own use it without the rest
(`receiving.py` is made for them). Every fact about posts that may change at HeyGen's side stands here and nowhere else.
"""

from reelhook.events.diagnosis import Diagnosis, diagnose, retired_signer
from reelhook.events.drift import Difference, differences
from reelhook.events.families import EVENT_TYPES, EventType, Family
from reelhook.events.links import dies_at, expires_at
from reelhook.events.offers import Known
from reelhook.events.shapes import (
    EVENT_ID_HEADER,
    UNKNOWN,
    UNPARSEABLE,
    Event,
    header_event_id,
    header_timestamp,
    parse,
)
from reelhook.events.signals import VideoSignal, signals
from reelhook.events.signature import HEADERS, Claim, Secret, claims, matching, sign

__all__ = [
    "EVENT_ID_HEADER",
    "EVENT_TYPES",
    "HEADERS",
    "UNKNOWN",
    "UNPARSEABLE",
    "Claim",
    "Diagnosis",
    "Difference",
    "Event",
    "EventType",
    "Family",
    "Known",
    "Secret",
    "VideoSignal",
    "claims",
    "diagnose",
    "dies_at",
    "differences",
    "expires_at",
    "header_event_id",
    "header_timestamp",
    "matching",
    "parse",
    "retired_signer",
    "sign",
    "signals",
]

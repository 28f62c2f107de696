"""Keep the video: fetch it from HeyGen's expiring link, store it for good, and verify what is stored.

Offers `ArchiveHandler`, `DeleteHandler` and `MeasureHandler` (jobs), `Fetcher`, `Links`, the stores, `MediaEndpoint`.
"""

from reelhook.archive.endpoints import MediaEndpoint
from reelhook.archive.fetch import Fetcher, Limits
from reelhook.archive.handler import ArchiveHandler, DeleteHandler, archive_limit_s
from reelhook.archive.links import Links
from reelhook.archive.measuring import MeasureHandler
from reelhook.archive.outcome import Settling
from reelhook.archive.stores import Account, LocalStore, Store

__all__ = [
    "Account",
    "ArchiveHandler",
    "DeleteHandler",
    "Fetcher",
    "Limits",
    "Links",
    "LocalStore",
    "MeasureHandler",
    "MediaEndpoint",
    "Settling",
    "Store",
    "archive_limit_s",
]

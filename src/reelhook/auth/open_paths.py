"""The one list of what needs no principal, and of what a stream token opens."""

import re
from enum import Enum

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
READS = frozenset({"GET", "HEAD"})


class Door(Enum):
    """How the gate treats a path."""

    OPEN = "open"  # credentials are not looked at, the body is not limited here
    SESSION = "session"  # open, and told who is signed in, if anybody is
    GUARDED = "guarded"


# The front door checks signatures, limits bodies and counts rates itself.
FRONT_DOOR = "/webhooks"
SDK_PATH = "/sdk/v1.js"
OPEN_PATHS = frozenset({"/healthz", "/readyz", SDK_PATH})
# The link at the end of a letter: its token is what lets in, and mail programs follow it without a cookie.
UNSUBSCRIBE = "/unsubscribe"
SESSION_PATH = "/api/v1/session"
# Everything else that is only read is the dashboard: its page, its assets, and the addresses it makes up itself.
GUARDED_PATHS = ("/api", "/media", "/metrics", "/docs", "/openapi.json")

VIDEO_ID = "[0-9A-Fa-f-]{36}"
TOKEN_PATHS = re.compile(rf"/api/v1/stream|/api/v1/videos/{VIDEO_ID}(/timeline)?|/media/.+")


def door(method: str, path: str) -> Door:
    """Which door *path* (decoded, as the router sees it) is."""
    if under(path, FRONT_DOOR) or under(path, UNSUBSCRIBE) or path in OPEN_PATHS:
        return Door.OPEN
    if under(path, SESSION_PATH):
        return Door.SESSION
    if method in READS and not any(under(path, guarded) for guarded in GUARDED_PATHS):
        return Door.OPEN
    return Door.GUARDED


def opened_by_token(method: str, path: str) -> bool:
    """Whether a stream token is a credential here."""
    return method in READS and TOKEN_PATHS.fullmatch(path) is not None


def under(path: str, root: str) -> bool:
    """Whether *path* is *root*, or something below it."""
    return path == root or path.startswith(root + "/")

"""Why a stream ends, in one vocabulary: a stable reason for programs, words for people, and how access is renewed."""

from enum import StrEnum

from reelhook.auth import Principal
from reelhook.realtime import wire

STREAM_TOKENS, SIGN_IN, KEYS = "/api/v1/stream-tokens", "/api/v1/session", "/api/v1/keys"
# Coming back with a credential that has ended is in vain: long enough for a client to get itself another one first.
ENDED_MS = 60_000
SUPERSEDED_MS = 86_400_000


class Reason(StrEnum):
    """What `bye` and `superseded` say. Clients depend on these; docs/streams.md tells what each means."""

    LIFETIME = "lifetime"
    SHUTDOWN = "shutdown"
    UNAVAILABLE = "unavailable"
    TOKEN_EXPIRED = "token_expired"  # noqa: S105 (no secret)
    SESSION_EXPIRED = "session_expired"
    KEY_EXPIRED = "key_expired"
    REVOKED = "revoked"
    TOO_MANY = "too_many"


WORDS = {
    Reason.LIFETIME: "this stream has been open long enough; come back for the rest",
    Reason.SHUTDOWN: "the server is restarting; come back for the rest",
    Reason.UNAVAILABLE: "the history cannot be read right now; come back in a moment",
    Reason.TOKEN_EXPIRED: "the stream token has expired; come back with another one",
    Reason.SESSION_EXPIRED: "your session has ended; sign in again",
    Reason.KEY_EXPIRED: "the API key has expired; come back with another one",
    Reason.REVOKED: "your access has ended or changed; sign in again, or use another key or token",
    Reason.TOO_MANY: "Too many of your live views are open: this one was closed because a newer one was opened.",
}
# Where another credential of the kind that has ended is asked for.
RENEWED_AT = {
    Reason.TOKEN_EXPIRED: STREAM_TOKENS,
    Reason.SESSION_EXPIRED: SIGN_IN,
    Reason.KEY_EXPIRED: KEYS,
}
EXPIRIES = {"token": Reason.TOKEN_EXPIRED, "person": Reason.SESSION_EXPIRED, "key": Reason.KEY_EXPIRED}


def bye(reason: Reason, retry_ms: int) -> bytes:
    """The last frame of a stream; come back after *retry_ms* (each client is told another number)."""
    return wire.passing("bye", _told(reason), retry_ms=retry_ms)


def expired(principal: Principal, spread_ms: int) -> tuple[bytes, Reason]:
    """The credential by which *principal* opened the stream has come to its end."""
    reason = EXPIRIES.get(principal.kind, Reason.REVOKED)
    return bye(reason, ENDED_MS + spread_ms), reason


def superseded() -> bytes:
    """A newer stream took this one's place: do not come back by yourself."""
    return wire.passing("superseded", _told(Reason.TOO_MANY), retry_ms=SUPERSEDED_MS)


def _told(reason: Reason) -> dict[str, str]:
    renewal = {"renew": RENEWED_AT[reason]} if reason in RENEWED_AT else {}
    return {"reason": str(reason), "message": WORDS[reason], **renewal}

"""Who was recognised a moment ago, so that a busy client does not cost a query with every request."""

from functools import partial

from reelhook import metrics
from reelhook.auth.changes import TOPIC
from reelhook.auth.principal import Principal
from reelhook.kit.bus import Bus
from reelhook.kit.cache import Cache, Result
from reelhook.kit.clock import Clock

# Whatever happens to the messages, a change of access is seen everywhere within a second.
LIFETIME_S = 0.8
MOST = 10_000


class Recognised:
    """*keys* and *sessions* by the digest of their secret; *issuers* of tokens and links by their name.

    What changes.py tells is forgotten at once, and all of it after a gap in what was told.
    """

    def __init__(self, bus: Bus, clock: Clock) -> None:
        self.keys = Cache[str, Principal | None](clock, LIFETIME_S, MOST, partial(_count, "keys"))
        self.sessions = Cache[str, Principal | None](clock, LIFETIME_S, MOST, partial(_count, "sessions"))
        self.issuers = Cache[str, Principal | None](clock, LIFETIME_S, MOST, partial(_count, "issuers"))
        bus.listen(TOPIC, self._forget)
        bus.after_gap(self._forget_all)

    async def close(self) -> None:
        """End the lookups that are under way."""
        for cache in (self.keys, self.sessions, self.issuers):
            await cache.close()

    def _forget(self, whose: str) -> None:
        """Precisely where a cache has what the message names as its key, else all: that costs one query each."""
        kind, _, name = whose.partition(":")
        self.issuers.forget(whose)
        if kind == "session":
            self.sessions.forget(name)
        elif kind == "person":
            self.sessions.forget_all()
        elif kind == "key":
            self.keys.forget_all()
        else:  # from a newer version: it knows of something that may matter here too
            self._forget_all()

    def _forget_all(self) -> None:
        for cache in (self.keys, self.sessions, self.issuers):
            cache.forget_all()


def _count(cache: str, result: Result) -> None:
    metrics.CACHE.labels(cache, result).inc()

"""Token buckets in memory."""

from collections import OrderedDict

from reelhook.kit.clock import Clock


class TokenBucket:
    """Allows *rate* per second on average and *burst* at once. A rate of 0 allows everything."""

    __slots__ = ("_burst", "_clock", "_rate", "_tokens", "_updated")

    def __init__(self, clock: Clock, rate: float, burst: float) -> None:
        self._clock, self._rate, self._burst = clock, rate, burst
        self._tokens, self._updated = burst, clock.monotonic()

    def take(self) -> bool:
        """Whether one more is allowed now; if so, it is counted."""
        if self._rate <= 0:
            return True
        self._refill()
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def _refill(self) -> None:
        now = self._clock.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._updated) * self._rate)
        self._updated = now


class KeyedBuckets:
    """One bucket for each key; the keys used least recently are forgotten beyond *most*, so memory stays bounded."""

    def __init__(self, clock: Clock, rate: float, burst: float, most: int = 10_000) -> None:
        self._clock, self._rate, self._burst, self._most = clock, rate, burst, most
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()

    def take(self, key: str) -> bool:
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = TokenBucket(self._clock, self._rate, self._burst)
            if len(self._buckets) > self._most:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(key)
        return bucket.take()

"""How limits on requests are counted, together with the other processes where there is Redis, and how they are said."""

import math
from collections.abc import Sequence

from reelhook import logs, metrics
from reelhook.errors import ReelhookError, Unavailable
from reelhook.kit.clock import Clock
from reelhook.kit.ratelimit import SECOND_US, Limiter, LimiterAway, LocalLimiter, Verdict, Wanted

AGAIN_S = 1.0  # after so long one request tries again what was away; all others go on without it

log = logs.get("limits")


class LimitsUnavailable(Unavailable):
    code = "limits_unavailable"


class Limits:
    """Counts in this process, or in *shared* with all others. While that is away, each process counts for itself."""

    def __init__(self, clock: Clock, shared: Limiter | None = None) -> None:
        self._clock, self._shared = clock, shared
        self._own = LocalLimiter(clock)
        self._again_at: float | None = None  # None: it is not away

    async def take(self, *wanted: Wanted) -> Verdict:
        """The verdict of the first limit that refuses, else of the last one. At most half a second, and rarely."""
        try:
            verdicts = await self._ask(wanted)
        except LimiterAway:
            metrics.RATE_LIMIT_FALLBACKS.inc()
            verdicts = self._own.take(*wanted)
        return _counted(verdicts)

    async def take_together(self, *wanted: Wanted) -> Verdict:
        """The same, but raises *LimitsUnavailable* while the other processes cannot be counted with."""
        try:
            return _counted(await self._ask(wanted))
        except LimiterAway:
            detail = (
                "closed while Redis, which counts the attempts at all servers, does not answer; try again in a moment"
            )
            raise LimitsUnavailable(detail, retry_after_s=AGAIN_S) from None

    async def _ask(self, wanted: Sequence[Wanted]) -> Sequence[Verdict]:
        if self._shared is None:
            return self._own.take(*wanted)
        if self._again_at is not None:
            if self._clock.monotonic() < self._again_at:
                raise LimiterAway("it was away a moment ago")
            self._again_at = self._clock.monotonic() + AGAIN_S
        try:
            verdicts = await self._shared.take(*wanted)
        except LimiterAway as error:
            self._is_away(str(error))
            raise
        if self._again_at is not None:
            log.info("limits.together_again")
            self._again_at = None
        return verdicts

    def _is_away(self, reason: str) -> None:
        if self._again_at is None:
            log.warning("limits.alone", error=reason)
        self._again_at = self._clock.monotonic() + AGAIN_S


def refusal(kind: type[ReelhookError], message: str, verdict: Verdict) -> ReelhookError:
    """The error that answers a request which *verdict* refuses."""
    return kind(message, retry_after_s=verdict.retry_after_s, told=fields(verdict))


def fields(verdict: Verdict) -> dict[str, str]:
    """The header fields of draft-ietf-httpapi-ratelimit-headers-11: the policy, and what of it is left.

    The window of a refusal ends with Retry-After, that of anything else when the whole burst is free again.
    """
    limit, whole = verdict.limit, verdict.limit.room_us / SECOND_US
    window = verdict.reset_after_s if verdict.allowed else verdict.retry_after_s
    return {
        "ratelimit-policy": f'"{limit.name}";q={limit.burst};w={math.ceil(whole)}',
        "ratelimit": f'"{limit.name}";r={verdict.remaining};t={math.ceil(window)}',
    }


def _counted(verdicts: Sequence[Verdict]) -> Verdict:
    for verdict in verdicts:
        metrics.RATE_LIMIT_VERDICTS.labels(verdict.limit.name, "allowed" if verdict.allowed else "refused").inc()
    return verdicts[-1]

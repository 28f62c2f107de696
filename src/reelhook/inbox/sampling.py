"""Which rejections are kept as rows, when there are too many: a sample that is fair by address and by reason."""

from reelhook.kit.addresses import neighbourhood
from reelhook.kit.clock import Clock
from reelhook.kit.ratelimit import Limit, LocalLimiter, Wanted

# One address with one fault shows enough in ten; after that one in ten seconds tells that it goes on.
ALIKE = Limit("rejections-alike", rate=0.1, burst=10)
# Of each reason, apart: those of addresses that are new to it, and repeats. So repeats never crowd out a newcomer.
NEW = Limit("rejections-new", rate=2, burst=50)
REPEATED = Limit("rejections-repeated", rate=2, burst=50)
# Whatever the addresses and the reasons: at most 18,000 an hour, after a first few hundred.
WHOLE = Limit("rejections", rate=5, burst=300)


class Sampling:
    """Counts in memory, for so many addresses that a flood of them pushes out the oldest, not the process."""

    def __init__(self, clock: Clock) -> None:
        self._limiter = LocalLimiter(clock)

    def keeps(self, reason: str, remote: str) -> bool:
        """Whether this one is kept; if so, it is counted."""
        alike = self._limiter.take(Wanted(ALIKE, f"{reason} {neighbourhood(remote)}"))[0]
        if not alike.allowed:
            return False
        is_new = alike.remaining == ALIKE.burst - 1
        verdicts = self._limiter.take(Wanted(NEW if is_new else REPEATED, reason), Wanted(WHOLE))
        return all(verdict.allowed for verdict in verdicts)

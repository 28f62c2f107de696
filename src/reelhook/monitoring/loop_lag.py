"""How late the event loop wakes: what blocks it, or a machine that is too small, shows here first."""

from reelhook import metrics
from reelhook.kit.clock import Clock

EVERY_S = 0.5


async def watch(clock: Clock) -> None:
    """Look again and again, for ever."""
    while True:
        due = clock.monotonic() + EVERY_S
        await clock.sleep(EVERY_S)
        metrics.LOOP_LAG_SECONDS.set(max(0.0, clock.monotonic() - due))

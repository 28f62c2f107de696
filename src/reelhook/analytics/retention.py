"""How long the numbers are kept: much longer than what they were counted from."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from reelhook.db.sweep import Sweep, fixed
from reelhook.db.tables import numbers
from reelhook.settings import Settings


def sweeps(config: Settings, now: datetime) -> Sequence[Sweep]:
    return (Sweep(numbers.c.start, fixed(now - timedelta(days=config.analytics_days))),)

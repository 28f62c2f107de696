"""How long incidents are kept after they are over, with their stories; what is open stays.

A process that died without a word is shown for an hour.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from reelhook.db.sweep import Sweep, fixed
from reelhook.db.tables import incidents, processes
from reelhook.settings import Settings

SILENT_FOR = timedelta(hours=1)


def sweeps(config: Settings, now: datetime) -> Sequence[Sweep]:
    return (
        Sweep(incidents.c.resolved_at, fixed(now - timedelta(days=config.incident_days))),
        Sweep(processes.c.seen_at, fixed(now - SILENT_FOR)),
    )

"""How long incidents are kept after they are over, with their stories, and errors after they happened last.

An incident that is open stays. A process that died without a word is shown for an hour.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from reelhook.db.sweep import Sweep, fixed
from reelhook.db.tables import error_groups, incidents, processes
from reelhook.kit.ids import Ids
from reelhook.settings import Settings

SILENT_FOR = timedelta(hours=1)


def sweeps(config: Settings, now: datetime) -> Sequence[Sweep]:
    quiet_since = Ids.first_at(now - timedelta(days=config.error_days))
    return (
        Sweep(incidents.c.resolved_at, fixed(now - timedelta(days=config.incident_days))),
        Sweep(error_groups.c.last_id, fixed(quiet_since)),
        Sweep(processes.c.seen_at, fixed(now - SILENT_FOR)),
    )

"""How long incidents are kept after they are over, with their stories. What is open stays."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from reelhook.db.sweep import Sweep, fixed
from reelhook.db.tables import incidents
from reelhook.settings import Settings


def sweeps(config: Settings, now: datetime) -> Sequence[Sweep]:
    return (Sweep(incidents.c.resolved_at, fixed(now - timedelta(days=config.incident_days))),)

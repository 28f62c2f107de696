"""How long the record of a run is kept: as long as the events it was compared with."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from reelhook.db.sweep import Sweep, older_than
from reelhook.db.tables import reconciliations
from reelhook.settings import Settings


def sweeps(config: Settings, now: datetime) -> Sequence[Sweep]:
    runs = reconciliations.c
    return (Sweep(runs.id, older_than(runs.id, runs.ended_at, now - timedelta(days=config.event_days))),)

"""Everything that is pruned."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from reelhook.auth.retention import sweeps as of_access
from reelhook.db.sweep import Sweep, older_than
from reelhook.db.tables import reconciliations
from reelhook.inbox.retention import sweeps as of_arrivals
from reelhook.jobs.retention import sweeps as of_jobs
from reelhook.realtime.retention import sweeps as of_stream
from reelhook.settings import Settings
from reelhook.videos.retention import on_its_way
from reelhook.videos.retention import sweeps as of_videos


def sweeps(config: Settings, now: datetime) -> Sequence[Sweep]:
    """What may go at *now*, by the days and numbers that the operator set."""
    return (
        *of_arrivals(config, now),
        *of_videos(config, now),
        *of_stream(config, now, on_its_way),
        *of_jobs(config, now, on_its_way),
        *of_access(config, now),
        *_of_recovery(config, now),
    )


def _of_recovery(config: Settings, now: datetime) -> Sequence[Sweep]:
    """What was compared with HeyGen is kept as long as the events it was compared with."""
    runs = reconciliations.c
    return (Sweep(runs.id, older_than(runs.id, runs.ended_at, now - timedelta(days=config.event_days))),)

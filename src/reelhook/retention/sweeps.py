"""Everything that is pruned."""

from collections.abc import Sequence
from datetime import datetime

from reelhook.analytics.retention import sweeps as of_numbers
from reelhook.auth.retention import sweeps as of_access
from reelhook.db.sweep import Sweep
from reelhook.inbox.retention import sweeps as of_arrivals
from reelhook.jobs.retention import sweeps as of_jobs
from reelhook.monitoring.retention import sweeps as of_incidents
from reelhook.notify.channels.webhook.retention import sweeps as of_outgoing
from reelhook.notify.retention import sweeps as of_notifications
from reelhook.realtime.retention import sweeps as of_stream
from reelhook.reconcile.retention import sweeps as of_recovery
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
        *of_outgoing(config, now),
        *of_incidents(config, now),
        *of_notifications(config, now),
        *of_numbers(config, now),
        *of_access(config, now),
        *of_recovery(config, now),
    )

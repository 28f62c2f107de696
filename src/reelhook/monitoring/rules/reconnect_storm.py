"""Live streams end as soon as they are opened, and come back."""

from collections.abc import Sequence

from reelhook.monitoring.rules.rule import Level, Link, Reading, Rule, Severity
from reelhook.monitoring.snapshot import Snapshot, made_up

LEAST = 60  # a minute; fewer harm nobody


def measure(now: Snapshot) -> Sequence[Reading]:
    """Streams opened within a minute for each hundred that are open: 100 means that each lives for one minute."""
    opened = sum(one.streams_opened for one in now.processes)
    open_ = sum(one.streams for one in now.processes)
    value = 100 * opened / max(1, open_) if opened >= LEAST else 0.0
    return (Reading(value, f"{opened:,} streams were opened within a minute, and {open_:,} are open"),)


RULE = Rule(
    name="reconnect_storm",
    title="Streams come and go",
    means="Browsers open live streams and lose them within a minute, again and again. Each time costs what a page "
    "costs, and they see news late.",
    helps="Look what cuts them: a proxy that buffers or allows too short a time (docs/streams.md), a server that is "
    "overloaded, or a client of your own that comes back at once.",
    link=Link("Processes", "/health/processes"),
    unit="count",
    levels=(Level(100, Severity.WARNING), Level(300, Severity.CRITICAL)),
    closes=50,
    evaluations=4,  # after a restart everybody comes back once
    measure=measure,
    drill=Snapshot(processes=(made_up(streams=200, streams_opened=900),)),
)

"""Work waits too long for a worker."""

from collections.abc import Sequence

from reelhook.monitoring.rules.rule import Level, Link, Reading, Rule, Severity
from reelhook.monitoring.snapshot import NOON, Snapshot


def measure(now: Snapshot) -> Sequence[Reading]:
    waited = now.minutes_since(now.due_since)
    which = "job is due," if now.due == 1 else "jobs are due, the oldest"
    return (Reading(waited, f"{now.due:,} {which} for {waited:.0f} minutes"),)


RULE = Rule(
    name="backlog_age",
    title="Work piles up",
    means="Jobs are due, and nobody has taken the oldest of them for minutes: events are applied late, videos come "
    "late.",
    helps="Start another worker (`reelhook worker`), or raise REELHOOK_WORKER_SLOTS. Look first what runs so long.",
    link=Link("Waiting jobs", "/jobs?state=available"),
    unit="minutes",
    levels=(Level(2, Severity.WARNING), Level(15, Severity.CRITICAL)),
    closes=1,
    evaluations=2,
    measure=measure,
    drill=Snapshot(due=400, due_since=NOON.replace(hour=11, minute=55)),
)

"""Nobody works: jobs are due and none is taken."""

from collections.abc import Sequence

from reelhook.monitoring.rules.rule import Level, Link, Reading, Rule, Severity
from reelhook.monitoring.snapshot import NOON, Snapshot


def measure(now: Snapshot) -> Sequence[Reading]:
    """Whoever does the job of evaluating runs it, so with a worker this is 0."""
    idle = now.minutes_since(now.due_since)
    if now.running:
        idle = 0.0
    elif now.attempt_at is not None:
        idle = min(idle, now.minutes_since(now.attempt_at))
    return (Reading(idle, f"{now.due:,} jobs are due, and for {idle:.0f} minutes nobody has worked on any"),)


RULE = Rule(
    name="worker_missing",
    title="No worker",
    means="Webhooks are taken and kept, but no process works on them: no event is applied, no video is kept.",
    helps="Start a worker: `reelhook worker`, or `reelhook serve` without --no-worker. It goes on where work stopped.",
    link=Link("Waiting jobs", "/jobs?state=available"),
    unit="minutes",
    levels=(Level(2, Severity.CRITICAL),),
    closes=1,
    measure=measure,
    drill=Snapshot(due=7, due_since=NOON.replace(hour=11, minute=50)),
)

"""Nobody works: no process runs jobs, or none of them takes any."""

from collections.abc import Sequence

from reelhook.monitoring.rules.rule import Level, Link, Reading, Rule, Severity
from reelhook.monitoring.snapshot import NOON, Snapshot


def measure(now: Snapshot) -> Sequence[Reading]:
    """Whoever does the job of evaluating runs it, so with a worker this is 0."""
    if now.running:
        return (Reading(0, "Workers are at work"),)
    idle = _since_work(now, now.minutes_since(now.due_since))
    if now.processes and not any(one.works for one in now.processes):
        # Nothing has to be due: without a worker, nothing that comes round becomes due.
        lives = max(now.minutes_since(one.started_at) for one in now.processes)
        idle = max(idle, _since_work(now, lives))
        return (Reading(idle, f"No process runs jobs, and for {idle:.0f} minutes nobody has; {now.due:,} are due"),)
    return (Reading(idle, f"{now.due:,} jobs are due, and for {idle:.0f} minutes nobody has worked on any"),)


def _since_work(now: Snapshot, minutes: float) -> float:
    return minutes if now.attempt_at is None else min(minutes, now.minutes_since(now.attempt_at))


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

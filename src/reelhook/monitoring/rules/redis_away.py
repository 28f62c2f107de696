"""Redis does not answer some process."""

from collections.abc import Sequence

from reelhook.monitoring.readiness import Lack
from reelhook.monitoring.rules.rule import Level, Link, Reading, Rule, Severity
from reelhook.monitoring.snapshot import NOON, Snapshot, made_up

REDIS = "redis"


def measure(now: Snapshot) -> Sequence[Reading]:
    away = [lack for one in now.processes for lack in one.lacks if lack.name == REDIS]
    if not away:
        return (Reading(0, "No process misses Redis"),)
    first = min(away, key=lambda lack: lack.since)
    minutes = now.minutes_since(first.since)
    many = f"{len(away)} of {len(now.processes)} processes have"
    return (Reading(minutes, f"{many} been without Redis, the first for {minutes:.0f} minutes: {first.reason}"),)


RULE = Rule(
    name="redis_away",
    title="Redis is away",
    means="A process does not reach Redis. Nothing is lost: workers look at the table, streams hear of news within "
    "seconds, and limits count each process alone. All of it is slower.",
    helps="Start Redis, or mend the way to it; no restart of Reelhook is needed. `reelhook doctor` says what it "
    "answers.",
    link=Link("Processes", "/health/processes"),
    unit="minutes",
    levels=(Level(2, Severity.WARNING),),
    closes=1,
    measure=measure,
    drill=Snapshot(processes=(made_up(lacks=(Lack(REDIS, False, NOON.replace(hour=11), "made up for a drill"),)),)),
)

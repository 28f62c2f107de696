"""A process could not commit for some time."""

from collections.abc import Sequence

from reelhook.db.outages import Outage
from reelhook.monitoring.rules.rule import Level, Link, Reading, Rule, Severity
from reelhook.monitoring.snapshot import NOON, Snapshot, made_up

TOLD_FOR_MIN = 15


def measure(now: Snapshot) -> Sequence[Reading]:
    """Told afterwards: incidents are kept in the same database, and a process alone knows what it could not write."""
    ended = [
        (one.outage.minutes, one.name, one.outage)
        for one in now.processes
        if one.outage and one.outage.until and now.minutes_since(one.outage.until) < TOLD_FOR_MIN
    ]
    if not ended:
        return (Reading(0, "Every process that is seen commits"),)
    minutes, name, outage = max(ended, key=lambda found: found[0])
    says = f"{name} could not commit for {minutes:.0f} minutes, and failed {outage.failed:,} times: {outage.reason}"
    return (Reading(minutes, says),)


RULE = Rule(
    name="database_away",
    title="The database was away",
    means="A process could not write for minutes. Meanwhile it answered webhooks with 503, and HeyGen tries again for "
    "a day. This is told when it is over; while it lasts, /readyz names the database.",
    helps="Read the reason: locked, full, read-only or not reached. docs/trouble.md has a line for each. Then run "
    "`reelhook reconcile`, which finds what did not come a second time.",
    link=Link("Processes", "/health/processes"),
    unit="minutes",
    levels=(Level(1, Severity.WARNING), Level(5, Severity.CRITICAL)),
    closes=1,
    measure=measure,
    drill=Snapshot(
        processes=(made_up(outage=Outage(NOON.replace(hour=11, minute=50), NOON, 40, "made up for a drill")),)
    ),
)

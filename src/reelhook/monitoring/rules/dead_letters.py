"""Jobs wait for a person."""

from collections.abc import Sequence

from reelhook.monitoring.rules.rule import Level, Link, Reading, Rule, Severity
from reelhook.monitoring.snapshot import Snapshot


def measure(now: Snapshot) -> Sequence[Reading]:
    return (Reading(now.dead, f"{now.dead:,} {'job needs' if now.dead == 1 else 'jobs need'} a person"),)


RULE = Rule(
    name="dead_letters",
    title="Dead letters",
    means="Work has used up its attempts, or cannot succeed. Nothing more happens to it by itself.",
    helps="Read the last failure of each, mend its cause, and try the job again, or discard it with a reason.",
    link=Link("Jobs that need a person", "/jobs"),
    unit="count",
    levels=(Level(1, Severity.WARNING), Level(25, Severity.CRITICAL)),
    closes=1,
    measure=measure,
    drill=Snapshot(dead=3),
)

"""Videos fail more often than usual."""

from collections.abc import Sequence

from reelhook.monitoring.rules.rule import Level, Link, Reading, Rule, Severity
from reelhook.monitoring.snapshot import Snapshot

LEAST = 5  # of fewer videos no rate can be told


def measure(now: Snapshot) -> Sequence[Reading]:
    ended = now.succeeded + now.failed
    rate = 100 * now.failed / ended if ended >= LEAST else 0.0
    return (Reading(rate, f"{now.failed} of {ended} videos of the last three hours failed"),)


RULE = Rule(
    name="failure_rate",
    title="Many videos fail",
    means="Of the videos that were asked for in the last three hours, an unusual part has failed.",
    helps="Open the failed videos and read the reason: it is mostly the same for all. Try them again once it is "
    "mended.",
    link=Link("Failed videos", "/?show=attention"),
    unit="percent",
    levels=(Level(25, Severity.WARNING), Level(50, Severity.CRITICAL)),
    closes=15,
    evaluations=2,
    measure=measure,
    drill=Snapshot(succeeded=4, failed=16),
)

"""Videos are rendered and cannot be kept."""

from collections.abc import Sequence

from reelhook.monitoring.rules.rule import Level, Link, Reading, Rule, Severity
from reelhook.monitoring.snapshot import Snapshot

LEAST = 5


def measure(now: Snapshot) -> Sequence[Reading]:
    tried = now.archived + now.not_archived
    rate = 100 * now.not_archived / tried if tried >= LEAST else 0.0
    return (Reading(rate, f"{now.not_archived} of the last {tried} attempts to keep a file failed"),)


RULE = Rule(
    name="archive_failing",
    title="Files cannot be kept",
    means="Attempts to fetch files from HeyGen and to store them fail. They are tried again until a day after each "
    "link's end.",
    helps="Read the last failure of the jobs that are tried again: it names the store, or HeyGen's file host.",
    link=Link("Jobs tried again", "/jobs?state=retryable&kind=archive_asset"),
    unit="percent",
    levels=(Level(30, Severity.WARNING), Level(80, Severity.CRITICAL)),
    closes=20,
    evaluations=2,
    measure=measure,
    drill=Snapshot(archived=2, not_archived=18),
)

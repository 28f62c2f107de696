"""Many posts to the front door are refused."""

from collections.abc import Sequence

from reelhook.monitoring.rules.rule import Level, Link, Reading, Rule, Severity
from reelhook.monitoring.snapshot import Snapshot


def measure(now: Snapshot) -> Sequence[Reading]:
    return (Reading(now.refused, f"{now.refused:,} posts were refused in this hour and the one before"),)


RULE = Rule(
    name="rejections_burst",
    title="Many posts are refused",
    means="Somebody posts to the webhook address what is not accepted: a stranger, or HeyGen with a secret that is "
    "not known here.",
    helps="Look at the reasons. If it is a wrong signature from HeyGen's networks, compare the endpoint's secret, "
    "or rotate it.",
    link=Link("Rejections", "/front-door/rejections"),
    unit="count",
    levels=(Level(50, Severity.WARNING), Level(1000, Severity.CRITICAL)),
    closes=25,
    measure=measure,
    drill=Snapshot(refused=120),
)

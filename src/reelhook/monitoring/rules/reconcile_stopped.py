"""Nobody asks HeyGen what was missed."""

from collections.abc import Sequence

from reelhook.monitoring.rules.rule import Level, Link, Reading, Rule, Severity
from reelhook.monitoring.snapshot import NOON, Snapshot


def measure(now: Snapshot) -> Sequence[Reading]:
    late = now.minutes_since(now.reconcile_since)
    if not now.around.asks:
        return (Reading(0, "Without an API key HeyGen is not asked"),)
    return (
        Reading(late, f"A run has been due for {late:.0f} minutes" if late else "Its runs come round as they should"),
    )


RULE = Rule(
    name="reconcile_stopped",
    title="Reconciliation stands still",
    means="Reelhook asks HeyGen each minute about videos whose webhook should have come, and each hour about its "
    "history. That has not come to an end for a long time, so a missed webhook stays missed.",
    helps="Run it by hand (`reelhook reconcile`) and read what it says; mostly HeyGen is away, or refuses the key.",
    link=Link("Recovery", "/jobs"),
    unit="minutes",
    levels=(Level(60, Severity.WARNING), Level(360, Severity.CRITICAL)),
    closes=30,
    measure=measure,
    drill=Snapshot(reconcile_since=NOON.replace(hour=10)),
)

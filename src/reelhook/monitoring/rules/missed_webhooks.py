"""Too many webhooks never come."""

from collections.abc import Sequence

from reelhook.monitoring.rules.rule import Level, Link, Reading, Rule, Severity
from reelhook.monitoring.snapshot import Snapshot

LEAST = 3  # one or two are nobody's fault


def measure(now: Snapshot) -> Sequence[Reading]:
    events = max(now.received, now.missed)  # what was found is among what is here
    rate = 100 * now.missed / events if now.missed >= LEAST else 0.0
    return (Reading(rate, f"{now.missed} of {events:,} events of the last day had to be found by asking HeyGen"),)


RULE = Rule(
    name="missed_webhooks",
    title="Webhooks are missed",
    means="HeyGen's webhooks do not all arrive. Reconciliation finds what is missing, so nothing is lost, but it "
    "comes late.",
    helps="Look what stands between HeyGen and here: a proxy, a firewall, REELHOOK_INGEST_ALLOW, a limit. The refused "
    "posts say it, and `reelhook register` sends a signed test.",
    link=Link("Recovery", "/jobs"),
    unit="percent",
    levels=(Level(2, Severity.WARNING), Level(10, Severity.CRITICAL)),
    closes=1,
    measure=measure,
    drill=Snapshot(received=100, missed=12),
)

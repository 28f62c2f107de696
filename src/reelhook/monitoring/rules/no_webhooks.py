"""HeyGen says nothing although videos wait for its word."""

from collections.abc import Sequence

from reelhook.monitoring.rules.rule import Level, Link, Reading, Rule, Severity
from reelhook.monitoring.snapshot import NOON, Snapshot


def measure(now: Snapshot) -> Sequence[Reading]:
    waited = now.minutes_since(now.rendering_since)
    silent = waited if now.webhook_at is None else min(waited, now.minutes_since(now.webhook_at))
    which = "video waits" if now.rendering == 1 else "videos wait"
    return (Reading(silent, f"{now.rendering:,} {which} for HeyGen, which has said nothing for {silent:.0f} minutes"),)


RULE = Rule(
    name="no_webhooks",
    title="No webhooks from HeyGen",
    means="Videos have been rendering for longer than renders take, and meanwhile no webhook came at all.",
    helps="Run `reelhook register`: it asks HeyGen where webhooks go, and sends a signed test the same way. Until they "
    "come again, reconciliation asks HeyGen itself, so nothing is lost.",
    link=Link("Deliveries", "/front-door/deliveries"),
    unit="minutes",
    levels=(Level(45, Severity.WARNING), Level(120, Severity.CRITICAL)),
    closes=30,
    evaluations=2,
    measure=measure,
    drill=Snapshot(rendering=3, rendering_since=NOON.replace(hour=11)),
)

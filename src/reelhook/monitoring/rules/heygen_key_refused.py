"""HeyGen does not accept the API key."""

from collections.abc import Sequence

from reelhook.jobs.destinations import Destination
from reelhook.monitoring.rules.rule import Level, Link, Reading, Rule, Severity
from reelhook.monitoring.snapshot import NOON, Around, Snapshot

REFUSED = "heygen_unauthorized"
HEYGEN = ("heygen", "heygen renders")


def measure(now: Snapshot) -> Sequence[Reading] | None:
    """None where no process has asked HeyGen anything yet."""
    if not now.around.asks:
        return (Reading(0, "No API key is set"),)
    asked = [one for one in now.destinations if one.name in HEYGEN]
    if not asked:
        return None
    refused = any(one.since is not None and one.code == REFUSED for one in asked)
    return (Reading(int(refused), "HeyGen does not accept the API key" if refused else "HeyGen accepts the API key"),)


RULE = Rule(
    name="heygen_key_refused",
    title="HeyGen refuses the API key",
    means="Nothing can be asked of HeyGen: no renders, no fresh links, no reconciliation. Webhooks still come in.",
    helps="Set REELHOOK_HEYGEN_API_KEY to a key that is valid, restart, and run `reelhook doctor`. Work waits "
    "meanwhile.",
    link=Link("What work depends on", "/jobs"),
    unit="state",
    levels=(Level(1, Severity.CRITICAL),),
    closes=1,
    evaluations=2,  # of several workers, one knows before the others
    measure=measure,
    drill=Snapshot(
        around=Around(destinations=(Destination("heygen", "open", NOON, NOON, "made up for a drill", REFUSED),))
    ),
)

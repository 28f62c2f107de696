"""One of the builders' systems is told nothing any more."""

from collections.abc import Sequence

from reelhook.monitoring.rules.rule import Level, Link, Reading, Rule, Severity
from reelhook.monitoring.snapshot import DisabledEndpoint, Snapshot


def measure(now: Snapshot) -> Sequence[Reading]:
    return tuple(
        Reading(1, f"The endpoint at {one.host} is disabled: {one.reason}", one.id) for one in now.disabled_endpoints
    )


RULE = Rule(
    name="endpoint_disabled",
    title="An outgoing webhook is disabled",
    means="One of your systems refused every message for days, or said that it wants none. It is sent nothing any "
    "more.",
    helps="Mend the receiver, then enable the endpoint again and replay what it missed. Delete it if nobody needs it.",
    link=Link("The endpoint", "/settings/webhooks/{subject}"),
    unit="state",
    levels=(Level(1, Severity.WARNING),),
    closes=1,
    measure=measure,
    drill=Snapshot(disabled_endpoints=(DisabledEndpoint("made-up", "made-up.example", "made up for a drill"),)),
)

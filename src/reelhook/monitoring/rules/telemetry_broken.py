"""What watches over Reelhook is not told."""

from collections.abc import Sequence

from reelhook.monitoring.rules.rule import Level, Link, Reading, Rule, Severity
from reelhook.monitoring.snapshot import Snapshot, made_up


def measure(now: Snapshot) -> Sequence[Reading]:
    """Of each kind of telemetry that some process cannot deliver."""
    broken: dict[str, list[str]] = {}
    for one in now.processes:
        for what, reason in one.telemetry.items():
            broken.setdefault(what, []).append(f"{one.name} cannot deliver {what}: {reason}")
    return tuple(Reading(1, said[0], what) for what, said in sorted(broken.items()))


RULE = Rule(
    name="telemetry_broken",
    title="Telemetry is not delivered",
    means="Traces or crash reports are not taken where they are sent. Reelhook itself goes on as always, but whoever "
    "looks there sees less than happens.",
    helps="Look whether the collector runs, and whether its address and key are right. What was not taken is lost, and "
    "counted in `reelhook_telemetry_lost_total`.",
    link=Link("Processes", "/health/processes"),
    unit="state",
    levels=(Level(1, Severity.WARNING),),
    closes=1,
    evaluations=2,
    measure=measure,
    drill=Snapshot(processes=(made_up(telemetry={"crash reports": "made up for a drill"}),)),
)

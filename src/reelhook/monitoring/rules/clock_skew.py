"""The clock of a machine goes wrong."""

from collections.abc import Sequence

from reelhook.monitoring.rules.rule import Level, Link, Reading, Rule, Severity
from reelhook.monitoring.snapshot import Snapshot, made_up


def measure(now: Snapshot) -> Sequence[Reading]:
    """Of each host: its processes share a clock."""
    worst: dict[str, float] = {}
    for one in now.processes:
        if abs(one.clock_skew_s) >= abs(worst.get(one.host, 0)):
            worst[one.host] = one.clock_skew_s
    return tuple(_reading(host, skew_s) for host, skew_s in worst.items())


def _reading(host: str, skew_s: float) -> Reading:
    way = "ahead of" if skew_s > 0 else "behind"
    return Reading(abs(skew_s), f"The clock of {host} is {abs(skew_s):.1f} s {way} the database's", host)


RULE = Rule(
    name="clock_skew",
    title="A clock is wrong",
    means="A machine's clock is seconds away from the database's. Jobs are taken over too early or too late (their "
    "leases last 30 s), signed links end at the wrong time, and times in the dashboard are wrong.",
    helps="Have the machine set its clock by NTP (`timedatectl set-ntp true`), the database's machine too. `reelhook "
    "doctor` compares with HeyGen's clock, and so says which one is wrong.",
    link=Link("Processes", "/health/processes"),
    unit="seconds",
    levels=(Level(5, Severity.WARNING), Level(20, Severity.CRITICAL)),
    closes=3,
    evaluations=2,
    measure=measure,
    drill=Snapshot(processes=(made_up(clock_skew_s=42.0),)),
)

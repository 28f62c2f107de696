"""A disk of ours is nearly full."""

from collections.abc import Sequence

from reelhook.monitoring.rules.rule import Level, Reading, Rule, Severity
from reelhook.monitoring.snapshot import Around, Disk, Snapshot


def measure(now: Snapshot) -> Sequence[Reading]:
    return tuple(
        Reading(disk.used_percent, f"The disk of {disk.folder} is {disk.used_percent:.0f} % full", disk.folder)
        for disk in now.around.disks
    )


RULE = Rule(
    name="disk_full",
    title="A disk is nearly full",
    means="The disk that holds the database or the local store has little room left. When it is full, webhooks are "
    "answered 503 and files wait; HeyGen tries for a day.",
    helps="Make room, or move the store to a larger disk. What is kept shorter (REELHOOK_EVENT_DAYS, "
    "REELHOOK_JOB_DAYS) frees room within the database.",
    unit="percent",
    levels=(Level(90, Severity.WARNING), Level(95, Severity.CRITICAL), Level(98, Severity.CRITICAL)),
    closes=88,
    measure=measure,
    drill=Snapshot(around=Around(disks=(Disk("/made/up/for/a/drill", 96.0),))),
)

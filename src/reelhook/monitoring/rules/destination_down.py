"""Something outside that work depends on is down."""

from collections.abc import Sequence

from reelhook.jobs.destinations import Destination
from reelhook.monitoring.rules.rule import Level, Link, Reading, Rule, Severity
from reelhook.monitoring.snapshot import NOON, Around, Snapshot

# Rules of their own tell of a refused key and of builders' endpoints; to be busy is no trouble of HeyGen's.
NOT_MEANT = ("heygen_unauthorized", "heygen_busy")
WEBHOOK = "webhook "
SPOKEN = {
    "heygen": "HeyGen",
    "heygen renders": "HeyGen's rendering",
    "local": "The local store",
    "cloudinary": "Cloudinary",
    "s3": "The S3 bucket",
}


def measure(now: Snapshot) -> Sequence[Reading]:
    """Of those that some process has reached for; of any other nobody knows."""
    return tuple(_reading(now, one) for one in now.destinations if not one.name.startswith(WEBHOOK))


def _reading(now: Snapshot, one: Destination) -> Reading:
    name = SPOKEN.get(one.name, one.name)
    if one.since is None or one.code in NOT_MEANT:
        return Reading(0, f"{name} answers", one.name)
    down = now.minutes_since(one.since)
    return Reading(down, f"{name} has been down for {down:.0f} minutes: {one.reason}", one.name)


RULE = Rule(
    name="destination_down",
    title="An outside service is down",
    means="HeyGen or a store does not answer, or says no to everything. Work waits for it and uses up no attempt.",
    helps="Look at its own status page, and at the settings by which it is reached. Work goes on by itself when it "
    "is back.",
    link=Link("What work depends on", "/jobs"),
    unit="minutes",
    levels=(Level(5, Severity.WARNING), Level(30, Severity.CRITICAL)),
    closes=1,
    evaluations=2,  # of several workers, one knows before the others
    ends=False,
    measure=measure,
    drill=Snapshot(
        around=Around(
            destinations=(Destination("cloudinary", "open", NOON.replace(hour=11), NOON, "made up for a drill"),)
        )
    ),
)

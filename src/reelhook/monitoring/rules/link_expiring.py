"""A rendered video may be lost: its link dies before it is stored."""

from collections.abc import Sequence

from reelhook.monitoring.rules.rule import Level, Link, Reading, Rule, Severity
from reelhook.monitoring.snapshot import NOON, Snapshot


def measure(now: Snapshot) -> Sequence[Reading]:
    one = now.links_dying == 1
    which = "video is not stored, and its link dies" if one else "videos are not stored, and their links die"
    return (Reading(now.links_dying, f"{now.links_dying:,} {which} within the hour, or just did"),)


RULE = Rule(
    name="link_expiring",
    title="A link is about to expire",
    means="HeyGen's link to a rendered video ends within the hour, and the file is not stored yet. Without an API "
    "key HeyGen cannot be asked for a fresh link, and the video is lost.",
    helps="Mend what keeps the file from being stored, then try its job again. With REELHOOK_HEYGEN_API_KEY a fresh "
    "link is asked for.",
    link=Link("Work on files", "/jobs?state=retryable&kind=archive_asset"),
    unit="count",
    levels=(Level(1, Severity.CRITICAL),),
    closes=1,
    measure=measure,
    drill=Snapshot(links_dying=2, link_dies_at=NOON),
)

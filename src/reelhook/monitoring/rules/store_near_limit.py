"""A store's plan is nearly used up."""

from collections.abc import Sequence

from reelhook.monitoring.rules.rule import Level, Link, Reading, Rule, Severity
from reelhook.monitoring.snapshot import Snapshot, StoreLimit


def measure(now: Snapshot) -> Sequence[Reading]:
    return tuple(_reading(one) for one in now.store_limits)


def _reading(one: StoreLimit) -> Reading:
    return Reading(one.percent, f"{one.store.capitalize()}: {one.percent:.0f} % used of the plan's {one.of}", one.store)


RULE = Rule(
    name="store_near_limit",
    title="A store's plan is nearly used up",
    means="The store's own count of what its plan allows is near the end. When nothing is left, it may refuse files, "
    "or stop showing those that are there.",
    helps="Take a larger plan, delete videos that nobody needs, or name another store first in REELHOOK_STORES.",
    link=Link("Stores", "/settings/stores"),
    unit="percent",
    levels=(Level(70, Severity.WARNING), Level(90, Severity.CRITICAL), Level(100, Severity.CRITICAL)),
    closes=65,
    measure=measure,
    drill=Snapshot(store_limits=(StoreLimit("made-up", "credits", 92.0),)),
)

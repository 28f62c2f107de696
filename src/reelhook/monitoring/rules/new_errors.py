"""Something fails in a way that nobody foresaw."""

from collections.abc import Sequence

from reelhook.monitoring.rules.rule import Level, Link, Reading, Rule, Severity
from reelhook.monitoring.snapshot import NOON, OpenError, Snapshot

NEW_FOR_MIN = 60
KNOWN, NEW = 1, 2


def measure(now: Snapshot) -> Sequence[Reading]:
    return tuple(_reading(now, error) for error in now.open_errors)


def _reading(now: Snapshot, error: OpenError) -> Reading:
    """What is not new any more opens nothing, and holds open what it opened while it was."""
    value = NEW if now.minutes_since(error.new_at) < NEW_FOR_MIN else KNOWN
    often = "once" if error.count == 1 else f"{error.count:,} times"
    return Reading(value, f"{error.code} in {error.place}, {often}", error.id)


RULE = Rule(
    name="new_errors",
    title="A new error",
    means="Something failed in a way that nobody foresaw, for the first time, or again after it was said to be mended. "
    "What it was doing was not done, or is tried again.",
    helps="Read its traceback and what it hit. Mend the cause, or update Reelhook, and say that it is resolved. "
    "One that does not happen for a day is over by itself.",
    link=Link("The error", "/health/errors/{subject}"),
    unit="state",
    levels=(Level(NEW, Severity.WARNING),),
    closes=KNOWN,
    measure=measure,
    drill=Snapshot(open_errors=(OpenError("0192c000-0000-7000-8000-0000000000ee", "ValueError", "a drill", 3, NOON),)),
)

"""What a rule is, and when it asks for an incident to be opened, escalated or resolved."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Self

from reelhook.monitoring.snapshot import Snapshot

# How a value is read. `state`: a number that only says how far it has come, so that nobody can set another threshold.
Unit = Literal["count", "percent", "minutes", "seconds", "state"]


class Severity(StrEnum):
    WARNING = "warning"  # look at it today
    CRITICAL = "critical"  # look at it now: something is being lost, or stands still


@dataclass(frozen=True, slots=True)
class Level:
    """From this value on it is so bad."""

    at: float
    severity: Severity


@dataclass(frozen=True, slots=True)
class Link:
    """Where the one thing that helps is done, in the dashboard. `{subject}` in *path* is what the incident is about."""

    label: str
    path: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a rule reads in a snapshot, in a number and in words. *subject*: of which of its things; empty: of all."""

    value: float
    says: str
    subject: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that can be wrong, as data.

    *measure* is a pure function; None means that nobody knows just now, which changes nothing. An incident opens at the
    first of *levels* and is over below *closes*, each when *evaluations* in a row say so. When a subject is not read
    any more, that *ends* its incident, unless it only means that nobody looked. *drill* is a made-up snapshot in which
    the rule goes off.
    """

    name: str
    title: str
    means: str
    helps: str
    link: Link | None = None
    unit: Unit
    levels: tuple[Level, ...]
    closes: float
    evaluations: int = 1
    ends: bool = True
    measure: Callable[[Snapshot], Sequence[Reading] | None]
    drill: Snapshot

    @property
    def runbook(self) -> str:
        return f"docs/runbooks/{self.name}.md"


@dataclass(frozen=True, slots=True)
class Limits:
    """The values at which a rule speaks, as they are in force."""

    levels: tuple[Level, ...]
    closes: float
    evaluations: int

    @classmethod
    def of(cls, rule: Rule, threshold: float | None = None) -> Self:
        """*threshold* takes the place of the first level; what closes moves with it, and no later level lies below."""
        if threshold is None:
            return cls(rule.levels, rule.closes, rule.evaluations)
        levels = tuple(Level(max(level.at, threshold), level.severity) for level in rule.levels[1:])
        first = Level(threshold, rule.levels[0].severity)
        return cls((first, *levels), rule.closes * threshold / rule.levels[0].at, rule.evaluations)

    def reached(self, value: float) -> int:
        """How many levels *value* has reached."""
        return sum(value >= level.at for level in self.levels)

    def severity(self, level: int) -> Severity:
        """Of the *level*-th level, from 1; of one that an earlier version knew, that of the highest."""
        return self.levels[min(level, len(self.levels)) - 1].severity


@dataclass(frozen=True, slots=True)
class Signal:
    """The *level* an incident is held open at; 0: none is. *streak*: evaluations in a row that ask to change it."""

    level: int = 0
    streak: int = 0


def signal(limits: Limits, value: float, before: Signal) -> Signal:
    """What follows from one more *value*. An incident only climbs; how bad it was shows until it is over."""
    reached = limits.reached(value)
    if before.level:
        if value >= limits.closes:
            return Signal(max(before.level, reached))
        return _counted(before, limits, to=0)
    return _counted(before, limits, to=reached) if reached else Signal()


def _counted(before: Signal, limits: Limits, *, to: int) -> Signal:
    streak = before.streak + 1
    return Signal(to) if streak >= limits.evaluations else Signal(before.level, streak)

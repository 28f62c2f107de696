"""What a run measured, and whether it is good."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.e2e.cluster.control import Control
from tests.e2e.kill.judge import Verdict
from tests.e2e.load.check import Checked
from tests.e2e.load.day import Size
from tests.e2e.load.installation import Replaced

SUCCEED = 0.999


@dataclass(frozen=True)
class Shares:
    """Of deliveries: how many there were, and how many of them were answered 200 at their first request."""

    many: int
    first: int

    @property
    def share(self) -> float:
        return self.first / self.many if self.many else 1.0

    def __add__(self, other: "Shares") -> "Shares":
        return Shares(self.many + other.many, self.first + other.first)


@dataclass(frozen=True)
class Controlled:
    """What judge and check counted in facts of this very run that were spoilt."""

    judged: Control
    ends_unseen: int

    @property
    def good(self) -> bool:
        return self.judged.good and self.ends_unseen == 1

    def told(self) -> dict[str, int]:
        return {**self.judged.told(), "ends_unseen": self.ends_unseen}


@dataclass
class Outcome:
    """Everything that was measured. Times are `times.spread`s."""

    size: Size
    verdict: Verdict
    checked: Checked
    controlled: Controlled
    all_day: Shares
    in_peace: Shares
    """Without those that were under way while a process was being replaced."""
    refused: Mapping[str, int]
    times: Mapping[str, Mapping[str, float]]
    replaced: Sequence[Replaced]
    figures: Mapping[str, Any] = field(default_factory=dict)

    @property
    def faults(self) -> list[str]:
        return [*self.verdict.faults, *self.checked.faults]

    @property
    def good(self) -> bool:
        """Truth alone. How many deliveries succeed and how long things take depends on the machine."""
        return self.verdict.good and not self.checked.faults and self.controlled.good

    @property
    def succeeds(self) -> bool:
        return self.in_peace.share >= SUCCEED

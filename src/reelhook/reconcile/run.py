"""One run of the reconciliation: what it looks at, and how far it has come."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

MOST_LISTED = 50  # of each sort in a report; the counts are always whole


class Kind(StrEnum):
    VIDEOS = "videos"  # ask HeyGen about videos whose webhook should have come
    HISTORY = "history"  # compare what HeyGen says it delivered with what came
    STORES = "stores"  # compare the files in the stores with the rows that name them


@dataclass
class Look:
    """What one run has done so far; that counts also when it is cut short.

    *asked*: how many were looked at. *found*: how many of them had been missed. *thorough*: a person wants to know, so
    what is not due yet is looked at too. *mend*: repair what can be repaired.
    """

    thorough: bool = False
    mend: bool = False
    asked: int = 0
    found: int = 0
    report: dict[str, Any] = field(default_factory=dict)

    def mention(self, sort: str, **entry: Any) -> None:
        """Name one thing in the report, as long as there is room."""
        listed = self.report.setdefault(sort, [])
        if len(listed) < MOST_LISTED:
            listed.append(entry)


class Looking(Protocol):
    """How one kind of run is done."""

    async def idle(self) -> bool:
        """Whether there is nothing to look at, without asking anybody outside."""
        ...

    async def __call__(self, look: Look) -> None:
        """Look, and put right what was missed. Raises a *ReelhookError* when it cannot go on, or *Postpone*."""
        ...

"""How workers learn of work. A lane carries ids only and may lose or double any of them: the table decides.

`memory` is the lane of a process that is alone, `redis` that of many; the latter needs a package that is an extra.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from reelhook.jobs.kinds import KINDS


@dataclass(frozen=True, slots=True)
class Due:
    """A job that can be taken now."""

    job_id: str
    slow: bool

    @classmethod
    def of(cls, job_id: str, kind: str) -> Self:
        """A job of a *kind* that this version knows."""
        return cls(job_id, KINDS[kind].slow)


@dataclass(frozen=True, slots=True)
class Room:
    """How many jobs a worker can take, and how many of these may be slow ones."""

    jobs: int
    slow: int


class Lane(Protocol):
    """Every method is called on the event loop and raises nothing."""

    # What it was given may get lost, so that what waits too long in the table should be sent again.
    forgetful: bool

    def send(self, due: Sequence[Due]) -> None:
        """Say that these jobs are committed and due. Returns at once."""
        ...

    def wake(self) -> None:
        """End the wait of this process, or its next one: it has more room than it said, or has to stop."""
        ...

    async def wait(self, room: Room, limit_s: float) -> Sequence[str] | None:
        """Wait for ids of jobs, at most as many as there is *room* for; they are this worker's to claim.

        None means that there may be work, but not which: look at the table. Nothing came, or `wake` was called: ().
        It may take somewhat longer than *limit_s* when a server does not answer.
        """
        ...

    async def run(self) -> None:
        """Carry what is sent, until cancelled."""
        ...

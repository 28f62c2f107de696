"""What the worker asks of those who do the work."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from reelhook.db import Tx
from reelhook.jobs.kinds import Work
from reelhook.jobs.retry import Failure, RetryPolicy

W = TypeVar("W", bound=Work)

# Runs inside the transaction that settles the job: both are committed, or neither is.
Effect = Callable[[Tx], None]


class Postpone(Exception):
    """Raised by a handler that has to wait for something outside. It costs no attempt."""

    def __init__(self, after_s: float, reason: str) -> None:
        super().__init__(reason)
        self.after_s = after_s


def _nothing(tx: Tx, work: Work, failure: Failure) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Handler(Generic[W]):
    """How one kind of work is done.

    *run* does the slow part and returns what is to be committed. *on_dead* is called in the transaction that makes the
    job dead, with the last failure. *limit_s* bounds one attempt.
    """

    run: Callable[[W], Awaitable[Effect | None]]
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    on_dead: Callable[[Tx, W, Failure], None] = _nothing
    limit_s: float = 120.0

"""What happens after a failed attempt, as a pure function of the failure and the policy."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from reelhook.errors import ReelhookError
from reelhook.kit.backoff import full_jitter
from reelhook.kit.text import shorten
from reelhook.logs import mask

LONGEST_RETRY_AFTER_S = 3600.0


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how patiently one kind of work is tried.

    With the defaults the ceilings are 1, 2, 4 … 300 s, so twelve attempts span about half an hour.
    """

    attempts: int = 12
    base_s: float = 1.0
    cap_s: float = 300.0


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed attempt in words that can be stored and shown: no secrets, bounded length."""

    code: str
    message: str
    retryable: bool
    retry_after_s: float | None = None

    @classmethod
    def of(cls, error: BaseException) -> "Failure":
        """An error that is not ours is a bug or a surprise: it is tried again, for the next version may know better."""
        if isinstance(error, ReelhookError):
            return cls(error.code, _tidy(error.message), error.retryable, error.retry_after_s)
        return cls("unexpected", _tidy(f"{type(error).__name__}: {error}"), True)

    def shown(self) -> dict[str, Any]:
        return {"code": self.code, "message": self.message, "retryable": self.retryable}


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again at *run_at*."""

    run_at: datetime


def next_try(policy: RetryPolicy, failure: Failure, attempts: int, now: datetime, fraction: float) -> Retry | None:
    """When to try again after *attempts* attempts, or None when a person is needed.

    The other side's Retry-After is a floor, up to an hour; *fraction* is a random number in [0, 1).
    """
    if not failure.retryable or attempts >= policy.attempts:
        return None
    wait = full_jitter(attempts, fraction, base_s=policy.base_s, cap_s=policy.cap_s)
    floor = min(failure.retry_after_s or 0.0, LONGEST_RETRY_AFTER_S)
    return Retry(now + timedelta(seconds=max(wait, floor)))


def _tidy(message: str) -> str:
    return shorten(mask(message), 2000)

"""What happens after a failed attempt, as a pure function of the failure and the policy."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from reelhook.errors import ReelhookError
from reelhook.kit.backoff import full_jitter
from reelhook.kit.text import shorten, storable
from reelhook.logs import mask

LONGEST_RETRY_AFTER_S = 3600.0
LONGEST_MESSAGE = 2000


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
    """A failed attempt in words that can be stored and shown: no secrets, bounded length.

    *code* is ours; *outside_code* is what the service we asked called it, when it gave a name.
    """

    code: str
    message: str
    retryable: bool
    retry_after_s: float | None = None
    outside_code: str | None = None

    @classmethod
    def of(cls, error: BaseException) -> "Failure":
        """An error that is not ours is a bug or a surprise: it is tried again, for the next version may know better."""
        if isinstance(error, ReelhookError):
            return cls(error.code, _tidy(error.message), error.retryable, error.retry_after_s, error.outside_code)
        return cls("unexpected", _tidy(f"{type(error).__name__}: {error}"), True)

    def shown(self) -> dict[str, Any]:
        outside = {"outside_code": self.outside_code} if self.outside_code else {}
        return {"code": self.code, "message": self.message, "retryable": self.retryable} | outside


def next_try(policy: RetryPolicy, failure: Failure, attempts: int, now: datetime, fraction: float) -> datetime | None:
    """When to try again after *attempts* attempts, or None when a person is needed.

    The other side's Retry-After is a floor, up to an hour; *fraction* is a random number in [0, 1).
    """
    if not failure.retryable or attempts >= policy.attempts:
        return None
    wait = full_jitter(attempts, fraction, base_s=policy.base_s, cap_s=policy.cap_s)
    floor = min(failure.retry_after_s or 0.0, LONGEST_RETRY_AFTER_S)
    return now + timedelta(seconds=max(wait, floor))


def _tidy(message: str) -> str:
    return shorten(storable(mask(message)), LONGEST_MESSAGE)

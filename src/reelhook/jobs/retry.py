"""What happens after a failed attempt, as a pure function of the failure and the policy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from reelhook.errors import ReelhookError
from reelhook.kit.backoff import full_jitter
from reelhook.kit.text import shorten, storable
from reelhook.logs import mask

LONGEST_RETRY_AFTER_S = 3600.0
LONGEST_MESSAGE = 2000
UNEXPECTED = "unexpected"  # the code of what is not an error of ours


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how patiently one kind of work is tried.

    The n-th wait is a random part of *base_s* · 2ⁿ⁻¹, *cap_s* at most; or, where *waits_s* names the waits one by one,
    the n-th of them, give or take a tenth, and the last one from then on. Work without a number of *attempts* is tried
    until it is *past_deadline* later than its deadline; either way an error whose code is in *at_most* ends it sooner.
    """

    attempts: int | None = 12
    base_s: float = 1.0
    cap_s: float = 300.0
    waits_s: Sequence[float] = ()
    past_deadline: timedelta = timedelta()
    at_most: Mapping[str, int] = field(default_factory=dict)

    def wait_s(self, attempts: int, fraction: float) -> float:
        """How long to wait after *attempts* attempts; *fraction* is a random number in [0, 1)."""
        if self.waits_s:
            return self.waits_s[min(attempts, len(self.waits_s)) - 1] * (0.9 + 0.2 * fraction)
        return full_jitter(attempts, fraction, base_s=self.base_s, cap_s=self.cap_s)

    def used_up(self, code: str, attempts: int, now: datetime, deadline: datetime) -> bool:
        """Whether a failure with this *code*, after so many *attempts*, was the last."""
        if attempts >= self.at_most.get(code, attempts + 1):
            return True
        return now >= deadline + self.past_deadline if self.attempts is None else attempts >= self.attempts


class Remedy(StrEnum):
    """What may help after a failure."""

    NONE = "none"
    TIME = "time"
    FRESH_LINK = "fresh_link"


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
    needs_fresh_link: bool = False

    @property
    def remedy(self) -> Remedy:
        """Permanent, temporary, or temporary once there is a new link."""
        if not self.retryable:
            return Remedy.NONE
        return Remedy.FRESH_LINK if self.needs_fresh_link else Remedy.TIME

    @classmethod
    def of(cls, error: BaseException) -> "Failure":
        """An error that is not ours is a bug or a surprise: it is tried again, for the next version may know better."""
        if isinstance(error, ReelhookError):
            return cls(
                error.code,
                _tidy(error.message),
                error.retryable,
                error.retry_after_s,
                error.outside_code,
                error.needs_fresh_link,
            )
        return cls(UNEXPECTED, _tidy(f"{type(error).__name__}: {error}"), True)

    def shown(self) -> dict[str, Any]:
        outside = {"outside_code": self.outside_code} if self.outside_code else {}
        shown = {"code": self.code, "message": self.message, "retryable": self.retryable, "remedy": self.remedy}
        return shown | outside


def next_try(
    policy: RetryPolicy, failure: Failure, attempts: int, now: datetime, fraction: float, deadline: datetime
) -> datetime | None:
    """When to try again after *attempts* attempts, or None when a person is needed.

    The other side's Retry-After is a floor, up to an hour; *fraction* is a random number in [0, 1).
    """
    if not failure.retryable or policy.used_up(failure.code, attempts, now, deadline):
        return None
    wait = policy.wait_s(attempts, fraction)
    floor = min(failure.retry_after_s or 0.0, LONGEST_RETRY_AFTER_S)
    return now + timedelta(seconds=max(wait, floor))


def _tidy(message: str) -> str:
    return shorten(storable(mask(message)), LONGEST_MESSAGE)

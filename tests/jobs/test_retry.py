"""What happens after a failed attempt."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelhook.archive.errors import LinkExpired
from reelhook.errors import DatabaseUnavailable, NotFound, ReelhookError, TooManyRequests
from reelhook.jobs.retry import LONGEST_RETRY_AFTER_S, Failure, RetryPolicy, next_try

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
POLICY = RetryPolicy(attempts=4, base_s=2, cap_s=10)


@pytest.mark.parametrize(
    ("attempts", "fraction", "retry_after_s", "wait_s"),
    [
        (1, 0.5, None, 1),
        (2, 0.5, None, 2),
        (3, 0.5, None, 4),
        (3, 0.999, None, 7.992),
        (1, 0.0, None, 0.2),  # never below a tenth of the ceiling
        (1, 0.5, 30, 30),  # Retry-After is a floor
        (3, 0.5, 0.5, 4),  # and no ceiling
        (1, 0.5, 86_400, 3600),  # but nobody makes us wait for a day
        (1, 0.5, -5, 1),
    ],
)
def test_the_wait(attempts: int, fraction: float, retry_after_s: float | None, wait_s: float) -> None:
    failure = Failure("x", "y", True, retry_after_s)
    assert next_try(POLICY, failure, attempts, NOW, fraction, NOW) == NOW + timedelta(seconds=wait_s)


@pytest.mark.parametrize(
    ("attempts", "fraction", "retry_after_s", "wait_s"),
    [(1, 0.5, None, 5), (1, 0.0, None, 4.5), (2, 0.5, None, 300), (2, 0.5, 600, 600), (3, 0.5, None, 300)],
)
def test_waits_that_are_named_one_by_one(
    attempts: int, fraction: float, retry_after_s: float | None, wait_s: float
) -> None:
    policy = RetryPolicy(attempts=4, waits_s=(5, 300))
    failure = Failure("x", "y", True, retry_after_s)
    assert next_try(policy, failure, attempts, NOW, fraction, NOW) == NOW + timedelta(seconds=wait_s)


@pytest.mark.parametrize(("retryable", "attempts"), [(False, 1), (True, 4), (True, 5)])
def test_when_a_person_is_needed(retryable: bool, attempts: int) -> None:
    assert next_try(POLICY, Failure("x", "y", retryable), attempts, NOW, 0.5, NOW) is None


@given(
    attempts=st.integers(1, 10_000),
    fraction=st.floats(0, 1, exclude_max=True),
    base_s=st.floats(0.01, 100),
    cap_s=st.floats(0.01, 10_000),
    retry_after_s=st.none() | st.floats(0, 1e9),
)
def test_the_wait_is_bounded_whatever_the_numbers(
    attempts: int, fraction: float, base_s: float, cap_s: float, retry_after_s: float | None
) -> None:
    policy = RetryPolicy(attempts=20_000, base_s=base_s, cap_s=cap_s)
    again = next_try(policy, Failure("x", "y", True, retry_after_s), attempts, NOW, fraction, NOW)
    assert again is not None
    wait = (again - NOW).total_seconds()
    floor = min(retry_after_s or 0, LONGEST_RETRY_AFTER_S)
    assert max(floor, min(base_s, cap_s) * 0.1) - 1e-5 <= wait <= max(floor, cap_s) + 1e-5


def test_the_default_patience_is_half_an_hour() -> None:
    policy = RetryPolicy()
    assert policy.attempts is not None
    longest = sum(min(policy.cap_s, policy.base_s * 2 ** (n - 1)) for n in range(1, policy.attempts))
    assert 15 * 60 < longest < 30 * 60


def test_our_errors_say_themselves_whether_trying_again_helps() -> None:
    assert Failure.of(TooManyRequests("slowly", retry_after_s=7)) == Failure("too_many_requests", "slowly", True, 7)
    assert Failure.of(NotFound("gone")) == Failure("not_found", "gone", False)
    assert Failure.of(DatabaseUnavailable("away")).retryable


def test_a_surprise_is_tried_again() -> None:
    assert Failure.of(ValueError("oops")) == Failure("unexpected", "ValueError: oops", True)


def test_the_other_sides_own_code_is_kept() -> None:
    error = ReelhookError("not enough credit")
    assert "outside_code" not in Failure.of(error).shown()
    error.outside_code = "insufficient_credit"
    assert Failure.of(error).shown() == {
        "code": "internal_error",
        "message": "not enough credit",
        "retryable": False,
        "remedy": "none",
        "outside_code": "insufficient_credit",
    }


def test_what_is_stored_is_short_and_holds_no_secret_and_nothing_unstorable() -> None:
    failure = Failure.of(ValueError("\x00\ud800 https://cdn.example/v.mp4?Signature=s3cret&x=1 " + "a" * 5000))
    assert "s3cret" not in failure.message
    assert "x=1" in failure.message
    assert "\x00" not in failure.message
    assert "\ud800" not in failure.message
    assert len(failure.message) == 2000


def test_work_with_a_deadline_is_tried_until_that_is_past_and_no_longer() -> None:
    policy = RetryPolicy(attempts=None, past_deadline=timedelta(days=1))
    deadline = NOW + timedelta(days=7)
    failure = Failure("fetch_failed", "y", True)
    assert next_try(policy, failure, 5000, deadline + timedelta(hours=23), 0.5, deadline) is not None
    assert next_try(policy, failure, 1, deadline + timedelta(days=1), 0.5, deadline) is None


def test_some_failures_end_it_sooner() -> None:
    policy = RetryPolicy(attempts=None, at_most={"not_media": 3})
    later = NOW + timedelta(days=7)
    assert next_try(policy, Failure("not_media", "a page", True), 2, NOW, 0.5, later) is not None
    assert next_try(policy, Failure("not_media", "a page", True), 3, NOW, 0.5, later) is None
    assert next_try(policy, Failure("fetch_failed", "no answer", True), 3, NOW, 0.5, later) is not None


@pytest.mark.parametrize(
    ("error", "remedy"),
    [(NotFound("x"), "none"), (DatabaseUnavailable("x"), "time"), (LinkExpired("x"), "fresh_link")],
)
def test_a_failure_says_what_may_help(error: ReelhookError, remedy: str) -> None:
    assert Failure.of(error).shown()["remedy"] == remedy

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelhook.kit.ratelimit import SECOND_US, Limit, LocalLimiter, Pace, Verdict, Wanted
from tests.conftest import StillClock

SLOW = Limit("slow", rate=2, burst=3)


@pytest.fixture
def limiter(clock: StillClock) -> LocalLimiter:
    return LocalLimiter(clock)


@pytest.fixture
def take(limiter: LocalLimiter) -> Callable[..., Verdict]:
    return lambda limit=SLOW, key="a", cost=1: limiter.take(Wanted(limit, key, cost))[-1]


def test_a_burst_and_then_the_rate(clock: StillClock, take: Callable[..., Verdict]) -> None:
    assert [take().allowed for _ in range(5)] == [True, True, True, False, False]
    clock.move(0.5)
    assert [take().allowed, take().allowed] == [True, False]
    clock.move(3600)
    assert [take().allowed for _ in range(4)] == [True, True, True, False], "no more than the burst is saved up"


def test_what_is_left_and_when_to_come_back_are_exact(clock: StillClock, take: Callable[..., Verdict]) -> None:
    assert take() == Verdict(SLOW, True, remaining=2, retry_after_s=0, reset_after_s=0.5)
    assert take(cost=2) == Verdict(SLOW, True, remaining=0, retry_after_s=0, reset_after_s=1.5)
    clock.move(0.1)
    assert take() == Verdict(SLOW, False, remaining=0, retry_after_s=0.4, reset_after_s=1.4)
    assert take(cost=2) == Verdict(SLOW, False, remaining=0, retry_after_s=0.9, reset_after_s=1.4)
    clock.move(0.4)
    assert take().allowed, "as soon as was said, and no refusal cost anything"


def test_each_key_and_each_limit_counts_for_itself(take: Callable[..., Verdict]) -> None:
    one = Limit("one", rate=1, burst=1)
    assert take(one).allowed
    assert not take(one).allowed
    assert take(one, "b").allowed
    assert take(Limit("other", rate=1, burst=1)).allowed


def test_of_several_none_is_counted_after_the_first_that_refuses(limiter: LocalLimiter) -> None:
    one, three = Wanted(Limit("one", rate=1, burst=1)), Wanted(SLOW)
    assert [verdict.allowed for verdict in limiter.take(one, three)] == [True, True]
    assert [verdict.limit.name for verdict in limiter.take(one, three)] == ["one"]
    assert limiter.take(three)[0].remaining == 1


def test_a_limit_that_was_made_narrower_is_kept_to_at_once(take: Callable[..., Verdict]) -> None:
    take(Limit("api", rate=1, burst=1000), cost=1000)
    assert take(Limit("api", rate=1, burst=5)).retry_after_s == 1


def test_only_so_many_keys_are_remembered_and_the_idle_ones_go_first(clock: StillClock) -> None:
    limiter, one = LocalLimiter(clock, most=2), Limit("one", rate=1, burst=1)
    taken = [limiter.take(Wanted(one, key))[0].allowed for key in ("a", "b", "a", "c", "a", "b")]
    assert taken == [True, True, False, True, False, True], "a was used lately, so remembered; b was forgotten"
    assert len(limiter._free_at["one"]) == 2


def test_a_flood_of_one_limit_does_not_forget_the_keys_of_another(clock: StillClock) -> None:
    limiter, one = LocalLimiter(clock, most=2), Limit("one", rate=1, burst=1)
    limiter.take(Wanted(one, "a"))
    for number in range(5):
        limiter.take(Wanted(SLOW, str(number)))
    assert not limiter.take(Wanted(one, "a"))[0].allowed


@given(st.floats(min_value=1e-300, max_value=1e12), st.integers(1, 10**6))
def test_whatever_the_rate_one_is_allowed_and_all_of_it_comes_back(rate: float, burst: int) -> None:
    clock, limit = StillClock(), Limit("any", rate, burst)
    limiter = LocalLimiter(clock)
    first = limiter.take(Wanted(limit))[0]
    assert (first.allowed, first.remaining) == (True, burst - 1)
    assert limiter.take(Wanted(limit, cost=burst))[0].retry_after_s == limit.interval_us / SECOND_US
    clock.move(2 * first.reset_after_s)
    assert limiter.take(Wanted(limit, cost=burst))[0].allowed


def test_a_pace_is_one_limit_for_one_thing(clock: StillClock) -> None:
    pace = Pace(clock, SLOW)
    assert [pace.take() for _ in range(4)] == [True, True, True, False]
    clock.move(0.5)
    assert pace.take()

"""When a breaker opens, how long it waits, and how it closes."""

import pytest

from reelhook.kit.breaker import CAP_S, TRIPS_AFTER, Breaker
from tests.conftest import START, StillClock


@pytest.fixture
def breaker(clock: StillClock) -> Breaker:
    return Breaker(clock)


def opened(breaker: Breaker) -> Breaker:
    assert breaker.failed("no answer", surely=True)
    return breaker


def test_failures_in_a_row_open_it_and_single_ones_do_not(breaker: Breaker) -> None:
    for _ in range(TRIPS_AFTER - 1):
        assert not breaker.failed("x")
    assert breaker.admit()
    breaker.succeeded()
    for _ in range(TRIPS_AFTER - 1):
        assert not breaker.failed("x")
    assert breaker.failed("the last drop")
    assert (breaker.since, breaker.reason, breaker.wait_s) == (START, "the last drop", 5)
    assert not breaker.admit()


def test_one_is_enough_when_it_is_surely_down(breaker: Breaker) -> None:
    opened(breaker)
    assert not breaker.admit()
    assert not breaker.failed("again", surely=True)  # it was open already
    assert breaker.reason == "again"


def test_one_at_a_time_is_let_through_when_the_pause_is_over(breaker: Breaker, clock: StillClock) -> None:
    opened(breaker)
    clock.move(5)
    assert breaker.admit()
    assert not breaker.admit()
    clock.move(5)  # the first one never ended
    assert breaker.admit()


def test_a_success_closes_it(breaker: Breaker, clock: StillClock) -> None:
    opened(breaker)
    clock.move(5)
    assert breaker.admit()
    assert breaker.succeeded()
    assert not breaker.succeeded()
    assert (breaker.since, breaker.wait_s) == (None, 0)
    assert all(breaker.admit() for _ in range(3))


def test_pauses_double_up_to_a_minute(breaker: Breaker, clock: StillClock) -> None:
    pauses = []
    for _ in range(7):
        breaker.failed("x", surely=True)
        pauses.append(breaker.wait_s)
        clock.move(breaker.wait_s)
    assert pauses == [5, 10, 20, 40, CAP_S, CAP_S, CAP_S]


def test_many_that_were_under_way_lengthen_the_pause_once(breaker: Breaker) -> None:
    for _ in range(20):
        breaker.failed("x")
    assert breaker.wait_s == 5


def test_a_longer_pause_that_was_asked_for_is_kept(breaker: Breaker) -> None:
    breaker.failed("busy", surely=True, wait_s=600)
    assert breaker.wait_s == 600

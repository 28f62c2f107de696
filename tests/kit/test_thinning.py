"""Floods: the first are kept, then one of many, and all that was left out is told once."""

from collections.abc import Hashable
from concurrent.futures import ThreadPoolExecutor

from reelhook.kit.thinning import MOST_KINDS, ONE_OF, WHOLE, WINDOW_S, Thinning
from tests.conftest import StillClock


def kept(thinning: Thinning, kind: Hashable, times: int) -> int:
    return sum(thinning.keeps(kind) for _ in range(times))


def test_the_first_are_kept_and_then_one_of_many(clock: StillClock) -> None:
    thinning = Thinning(clock)
    assert kept(thinning, "a", WHOLE) == WHOLE
    assert kept(thinning, "a", 3 * ONE_OF) == 3
    assert thinning.keeps("b"), "of another kind it is the first"


def test_who_asks_first_has_the_same_ones_kept_and_counted(clock: StillClock) -> None:
    thinning = Thinning(clock)
    some = sum(not thinning.drops("a") and thinning.keeps("a") for _ in range(WHOLE + 3 * ONE_OF))
    assert some == WHOLE + 3
    assert thinning.ended(now=True) == {"a": 3 * ONE_OF - 3}


def test_what_was_left_out_is_told_once_when_the_window_is_over(clock: StillClock) -> None:
    thinning = Thinning(clock)
    kept(thinning, "a", WHOLE + 7)
    kept(thinning, "b", 2)
    assert thinning.ended() == {}, "it is not over"
    clock.move(WINDOW_S)
    assert thinning.ended() == {"a": 7}
    assert thinning.ended() == {}
    assert kept(thinning, "a", WHOLE) == WHOLE, "a new window begins anew"


def test_the_last_window_can_be_ended_early(clock: StillClock) -> None:
    thinning = Thinning(clock)
    kept(thinning, "a", WHOLE + 1)
    assert thinning.ended(now=True) == {"a": 1}


def test_a_flood_of_kinds_costs_no_memory(clock: StillClock) -> None:
    thinning = Thinning(clock)
    some = sum(thinning.keeps(number) for number in range(10 * MOST_KINDS))
    assert some < MOST_KINDS + 2 * WHOLE
    assert len(thinning._seen) == MOST_KINDS + 1
    assert thinning.ended(now=True) == {None: 10 * MOST_KINDS - some}


def test_threads_lose_no_count(clock: StillClock) -> None:
    thinning = Thinning(clock)
    with ThreadPoolExecutor(4) as threads:
        some = sum(threads.map(lambda _: kept(thinning, "a", 2500), range(4)))
    assert some + thinning.ended(now=True)["a"] == 10_000

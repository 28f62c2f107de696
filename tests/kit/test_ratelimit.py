from reelhook.kit.ratelimit import KeyedBuckets, TokenBucket
from tests.conftest import StillClock


def test_a_burst_and_then_the_rate(clock: StillClock) -> None:
    bucket = TokenBucket(clock, rate=2, burst=3)
    assert [bucket.take() for _ in range(5)] == [True, True, True, False, False]
    clock.move(0.5)
    assert [bucket.take(), bucket.take()] == [True, False]
    clock.move(3600)
    assert [bucket.take() for _ in range(4)] == [True, True, True, False], "no more than the burst is saved up"


def test_a_rate_of_zero_allows_everything(clock: StillClock) -> None:
    bucket = TokenBucket(clock, rate=0, burst=0)
    assert all(bucket.take() for _ in range(100))


def test_each_key_has_its_own_bucket(clock: StillClock) -> None:
    buckets = KeyedBuckets(clock, rate=1, burst=1)
    assert buckets.take("a")
    assert not buckets.take("a")
    assert buckets.take("b")


def test_only_so_many_keys_are_remembered_and_the_idle_ones_go_first(clock: StillClock) -> None:
    buckets = KeyedBuckets(clock, rate=1, burst=1, most=2)
    buckets.take("a")
    buckets.take("b")
    buckets.take("a")
    buckets.take("c")
    assert not buckets.take("a"), "used lately, so remembered"
    assert buckets.take("b"), "forgotten, so new again"
    assert len(buckets._buckets) == 2

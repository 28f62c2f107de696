"""Percentiles from buckets are as near as they are said to be, and those of several hours can be added."""

import orjson
from hypothesis import given
from hypothesis import strategies as st

from reelhook.analytics import spread

Durations = st.lists(st.integers(-5, 10**9), min_size=1, max_size=50)


@given(Durations, st.sampled_from((1, 50, 95, 100)))
def test_a_percentile_is_wrong_by_less_than_five_percent(durations: list[int], percent: int) -> None:
    found = spread.Counter(map(spread.bucket, durations))
    exact = sorted(durations)[-(-len(durations) * percent // 100) - 1]
    answer = spread.percentile(spread.merged(orjson.dumps(spread.kept(found)).decode()), percent)
    assert answer is not None
    assert answer == 0 if exact < 1 else abs(answer / exact - 1) < 0.05


def test_nothing_has_no_percentile() -> None:
    assert spread.percentile({}, 50) is None

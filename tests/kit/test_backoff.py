import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelhook.kit.backoff import full_jitter


@pytest.mark.parametrize(("attempt", "ceiling"), [(1, 2), (2, 4), (3, 8), (4, 10), (1000, 10)])
def test_the_ceiling_doubles_up_to_the_cap(attempt: int, ceiling: float) -> None:
    assert full_jitter(attempt, 0.5, base_s=2, cap_s=10) == ceiling / 2


@given(st.integers(1, 10**6), st.floats(0, 1, exclude_max=True))
def test_the_wait_is_never_too_short_or_too_long(attempt: int, fraction: float) -> None:
    assert 0.1 <= full_jitter(attempt, fraction, base_s=1, cap_s=60) <= 60

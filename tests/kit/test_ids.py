"""Ids sort by time, and tokens are of the size asked for."""

import uuid
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from reelhook.kit.ids import EPOCH, Ids
from tests.conftest import START, StillClock


def test_an_id_is_a_uuid_of_version_7_with_its_time_in_it() -> None:
    clock = StillClock()
    clock.move(0.25)
    made = uuid.UUID(Ids(clock, lambda size: b"\xff" * size).new())
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == int((START + timedelta(seconds=0.25)).timestamp() * 1000)
    assert str(made).endswith("7000-bfff-ffffffffffff")


@given(st.lists(st.integers(1, 10**9), min_size=2, max_size=20, unique=True))
def test_ids_sort_by_time_down_to_the_microsecond(moments: list[int]) -> None:
    made = []
    for moment in sorted(moments):
        clock = StillClock()
        clock.move(moment / 1_000_000)
        made.append(Ids(clock).new())
    assert made == sorted(made)


def test_the_first_id_of_a_moment_parts_older_ids_from_newer_ones() -> None:
    clock = StillClock()
    ids = Ids(clock, lambda size: b"\0" * size)
    before = ids.new()
    clock.move(0.001)
    assert before < Ids.first_at(clock.now()) <= ids.new()


def test_before_all_time_every_id_is_newer() -> None:
    clock = StillClock()
    assert Ids.first_at(datetime(1066, 10, 14, tzinfo=UTC)) == Ids.first_at(EPOCH) < Ids(clock).new()


def test_ids_tokens_and_fractions_differ_each_time() -> None:
    ids = Ids()
    assert len({ids.new() for _ in range(1000)}) == 1000
    assert len({ids.token() for _ in range(1000)}) == 1000
    assert len(ids.token(4)) == 8
    assert all(0 <= ids.fraction() < 1 for _ in range(1000))
    assert Ids(random=lambda size: b"\xff" * size).fraction() < 1

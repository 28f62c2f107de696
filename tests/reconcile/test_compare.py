"""What HeyGen says it delivered against what came, case by case and at random."""

import random
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from reelhook.reconcile.compare import Held, Told, missing
from tests.conftest import START

SUCCESS, GIF = "avatar_video.success", "avatar_video_gif.success"


def told(minute: float | None = 0, type_: str = SUCCESS, of: str | None = "v1", event_id: str | None = None) -> Told:
    at = None if minute is None else START + timedelta(minutes=minute)
    return Told(type_, of, event_id, at, f"{type_} {of} {minute} {event_id}".encode())


def held(
    minute: float = 0, type_: str = SUCCESS, of: str | None = "v1", event_id: str | None = None,
    source: str = "webhook", times: int = 1,
) -> Held:  # fmt: skip
    return Held(type_, of, event_id, START + timedelta(minutes=minute), source, times)


def test_nothing_is_missing_where_nothing_was_told() -> None:
    assert missing([], [held()], {}) == []


def test_what_came_by_its_id_is_not_missing() -> None:
    assert missing([told(event_id="e1")], [], {"e1": "webhook"}) == []
    assert missing([told(event_id="e1")], [held(event_id="e1")], {}) == []


def test_without_ids_type_and_resource_and_time_decide() -> None:
    assert missing([told()], [held(1)], {}) == []
    assert missing([told(event_id="e1")], [held(1)], {}) == []
    assert missing([told()], [held(1, GIF), held(1, of="v2")], {}) == [told()]


def test_what_came_long_before_or_long_after_is_something_else() -> None:
    assert missing([told()], [held(-61), held(25 * 60 + 1)], {}) == [told()]
    assert missing([told()], [held(-59)], {}) == []
    assert missing([told()], [held(25 * 60 - 1)], {}) == []


def test_what_we_found_by_asking_answers_however_late_it_was() -> None:
    assert missing([told()], [held(99 * 60, source="reconcile")], {}) == []


def test_each_event_that_came_answers_for_one_row() -> None:
    assert missing([told(0), told(10)], [held(11)], {}) == [told(10)]
    assert missing([told(0), told(10)], [held(1), held(11)], {}) == []
    assert missing([told(0), told(10)], [held(1, times=2)], {}) == []


def test_where_the_ids_agree_an_event_with_an_id_answers_for_its_own_row_alone() -> None:
    rows = [told(0, event_id="lost"), told(10, event_id="came")]
    assert missing(rows, [held(11, event_id="came")], {}) == [rows[0]]


def test_where_the_ids_on_the_wire_are_others_they_say_nothing() -> None:
    rows = [told(0, event_id="h1"), told(10, event_id="h2")]
    assert missing(rows, [held(1, event_id="w1"), held(11, event_id="w2")], {}) == []


def test_what_we_put_in_with_the_historys_id_answers_for_no_other() -> None:
    rows = [told(0, event_id="h1"), told(10, event_id="h2")]
    ours = held(1, event_id="h1", source="reconcile")
    assert missing(rows, [ours], {"h1": "reconcile"}) == [rows[1]]


def test_the_same_row_on_two_pages_is_one() -> None:
    assert missing([told(), told()], [], {}) == [told()]
    assert missing([told(event_id="e"), told(event_id="e")], [held()], {}) == []


def test_a_row_without_time_takes_whatever_is_left() -> None:
    assert missing([told(None), told(0)], [held(99999), held(1)], {}) == []
    assert missing([told(None), told(0)], [held(1)], {}) == [told(None)]


@given(
    st.lists(st.tuples(st.integers(0, 3000), st.sampled_from([SUCCESS, GIF]), st.sampled_from(["v1", "v2", None]))),
    st.booleans(),
    st.booleans(),
    st.randoms(use_true_random=False),
)
def test_when_all_came_nothing_is_missing_whatever_the_order_the_delay_and_the_repeats(
    happened: list[tuple[int, str, str | None]], ids_told: bool, ids_sent: bool, chance: random.Random
) -> None:
    """The control: without ids, with them on either side, or with both."""
    rows, came = [], []
    for number, (minute, type_, of) in enumerate(happened):
        event_id = f"e{number}"
        rows.append(told(minute, type_, of, event_id if ids_told else None))
        late = minute + chance.uniform(-59, 24 * 60)
        came.append(held(late, type_, of, event_id if ids_sent else None, times=chance.choice([1, 1, 3])))
    chance.shuffle(rows)
    chance.shuffle(came)
    assert missing(rows, came, {}) == []


@given(st.lists(st.booleans(), max_size=30), st.booleans(), st.randoms(use_true_random=False))
def test_exactly_what_was_dropped_is_missing(dropped: list[bool], ids: bool, chance: random.Random) -> None:
    rows = [told(number, of=f"v{number}", event_id=f"e{number}" if ids else None) for number in range(len(dropped))]
    pairs = list(zip(rows, dropped, strict=True))
    came = [
        Held(row.type, row.resource_id, row.event_id, row.at or START, "webhook") for row, lost in pairs if not lost
    ]
    chance.shuffle(rows)
    assert sorted(missing(rows, came, {}), key=str) == sorted((row for row, lost in pairs if lost), key=str)

"""The window on the log's end that all streams share."""

from hypothesis import given
from hypothesis import strategies as st

from reelhook.realtime.log import Update
from reelhook.realtime.recent import Recent
from reelhook.realtime.wants import ALL


def window(start: int, upto: int, most: int = 4) -> Recent:
    made = Recent(start, most)
    for number in range(start + 1, upto + 1):
        made.add(Update(number, "e", None, None, ""), b"%d" % number)
    return made


@given(start=st.integers(0, 50), many=st.integers(0, 40), last=st.integers(0, 100), limit=st.integers(1, 10))
def test_it_gives_exactly_what_comes_next_or_admits_that_it_does_not_know(
    start: int, many: int, last: int, limit: int
) -> None:
    recent = window(start, start + many)
    known = recent.after(last, limit, [ALL])
    assert recent.newest == start + many
    if known is not None:
        found, level = known
        assert [update.id for update, _ in found] == list(range(last + 1, start + many + 1))[:limit]
        assert level == (found[-1][0].id if len(found) == limit else start + many)
    else:
        assert last < start or last > start + many or last < start + many - 4


def test_it_stays_small() -> None:
    assert len(window(0, 10_000)._entries) <= 8


def test_ids_may_have_holes() -> None:
    recent = Recent(5)
    for number in (7, 20):
        recent.add(Update(number, "e", None, None, ""), b"")
    assert recent.after(10, 9, [ALL]) == ([(Update(20, "e", None, None, ""), b"")], 20)

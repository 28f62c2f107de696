"""Times as they are written on the wire, and as clients may write them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelhook.kit.times import moment, rfc3339

ZONES = st.timezones() | st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(datetime(1970, 1, 1), datetime(9000, 1, 1), timezones=ZONES, allow_imaginary=False))
def test_what_is_written_is_read_as_the_same_moment(at: datetime) -> None:
    # Compared in UTC: Python calls an hour that a zone has twice equal to nothing in another zone.
    assert moment(at.isoformat()) == at.astimezone(UTC)
    assert moment(rfc3339(at)) == at.astimezone(UTC).replace(microsecond=at.microsecond // 1000 * 1000)


@pytest.mark.parametrize("text", ["2026-11-22", "2026-11-22T09:30", "soon", "", None, 7, "0001-01-01T00:00:00+14:00"])
def test_what_leaves_open_which_moment_it_is_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="a time with its zone"):
        moment(text)

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelhook.kit.pages import Page, decode, decode_number, encode
from reelhook.kit.times import rfc3339

from .conftest import Client, Key


@given(st.integers(0, 2**59))
def test_a_number_survives_its_cursor(number: int) -> None:
    assert decode_number(encode(number)) == number


@given(st.uuids())
def test_an_id_survives_its_cursor(one) -> None:
    assert decode(encode(str(one))) == str(one)


@given(st.text())
def test_any_other_text_is_a_value_error(text: str) -> None:
    try:
        assert decode(text).isprintable()
    except ValueError as error:
        assert "cursor" in str(error)  # noqa: PT017 - both outcomes are right


@pytest.mark.parametrize("cursor", ["", "=", "é", "AA", encode("x" * 81), encode("1.5") + "!"])
def test_what_is_no_cursor(cursor: str) -> None:
    with pytest.raises(ValueError, match="not a cursor"):
        decode(cursor)


@pytest.mark.parametrize("text", ["-1", "1.5", "x", "9" * 19, "²"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match="not a cursor"):
        decode_number(encode(text))


def test_the_last_page_has_no_cursor() -> None:
    page = Page(limit=2)
    assert page.listing([3, 2], lambda entry: entry).next_cursor is None
    more = page.listing([3, 2, 1], lambda entry: entry)
    assert (more.data, decode_number(more.next_cursor or "")) == ([3, 2], 2)


async def test_walking_through_a_list_meets_each_entry_once(client: Client, key: Key, access, clock) -> None:
    program = client(authorization=f"Bearer {await key('admin')}")
    for _ in range(6):
        clock.forward(milliseconds=1)
        await key("viewer")
    ids, cursor = [], ""
    while cursor is not None:
        answer = (await program.get(f"/api/v1/keys?limit=3{cursor and '&cursor='}{cursor}")).json()
        ids += [entry["id"] for entry in answer["data"]]
        cursor = answer["next_cursor"]
    assert len(ids) == 7
    assert ids == sorted(set(ids), reverse=True)


def test_times_are_utc_of_one_width() -> None:
    noon = datetime(2026, 1, 2, 12, tzinfo=UTC)
    assert rfc3339(noon) == "2026-01-02T12:00:00.000Z"
    assert rfc3339(noon.astimezone(timezone(timedelta(hours=2)))) == "2026-01-02T12:00:00.000Z"
    assert rfc3339(noon + timedelta(microseconds=250_999)) == "2026-01-02T12:00:00.250Z"

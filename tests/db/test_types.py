"""Times and JSON come back as they went in, on both databases."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, Table, delete, insert, select
from sqlalchemy.exc import StatementError

from reelhook.db import Database
from reelhook.db.types import Json, Moment

things = Table("things", MetaData(), Column("at", Moment), Column("data", Json))
SLOWLY = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])

json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=8,
)


@pytest.fixture
def database(prepared: Database) -> Database:
    prepared.migrate(things.create)
    return prepared


def round_trip(database: Database, **values: Any) -> Any:
    def work(tx: Any) -> Any:
        tx.execute(delete(things))
        tx.execute(insert(things), values)
        return tx.execute(select(things)).one()

    return database.write_now(work)


def test_any_moment_and_any_json(database: Database) -> None:
    @SLOWLY
    @given(st.datetimes(timezones=st.just(UTC)), json)
    def keeps(at: datetime, data: Any) -> None:
        row = round_trip(database, at=at, data=data)
        assert row.at == at
        assert row.data == data

    keeps()


def test_moments_are_in_utc_and_sort_by_time(database: Database) -> None:
    abroad = datetime(2026, 11, 22, 12, tzinfo=timezone(timedelta(hours=5)))
    row = round_trip(database, at=abroad, data=None)
    assert row.at == abroad
    assert row.at.tzinfo is UTC
    assert row.data is None


def test_a_time_without_its_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="naive"):
        round_trip(database, at=datetime(2026, 11, 22), data=None)

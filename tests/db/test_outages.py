"""What a process remembers of the time in which it could not commit."""

from datetime import timedelta

import pytest

from reelhook.db import Database
from reelhook.db.outages import TOGETHER, Outage, Outages
from reelhook.errors import DatabaseUnavailable
from tests.conftest import START, StillClock

SECOND = timedelta(seconds=1)


async def test_a_database_hands_on_what_became_of_each_write(db: Database, clock: StillClock) -> None:
    outages = Outages(clock)
    db.on_outcome(outages.heard)

    def refuse(_: object) -> None:
        raise DatabaseUnavailable("disk full")

    await db.write(lambda tx: None)
    assert outages.last is None
    for _ in range(3):
        with pytest.raises(DatabaseUnavailable):
            await db.write(refuse)
        clock.move(30)
    assert outages.last == Outage(START, None, 3, "disk full")
    assert outages.last.minutes == 0, "while it lasts nobody else can know"
    await db.write(lambda tx: None)
    assert outages.last == Outage(START, START + 90 * SECOND, 3, "disk full")
    assert outages.last.minutes == 1.5


def test_one_that_comes_and_goes_is_away_once_and_a_later_one_is_another(clock: StillClock) -> None:
    outages = Outages(clock)
    for _ in range(2):
        outages.heard(DatabaseUnavailable("locked"))
        outages.heard(None)
        clock.move(TOGETHER.total_seconds())
    outages.heard(None)
    assert outages.last == Outage(START, START + TOGETHER, 2, "locked")
    clock.move(1)
    outages.heard(DatabaseUnavailable("gone"))
    assert outages.last == Outage(START + 2 * TOGETHER + SECOND, None, 1, "gone")

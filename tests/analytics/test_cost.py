"""What an answer costs does not grow with what is kept: each query goes along an index, and their number is fixed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection

from reelhook.analytics import answers
from reelhook.analytics.answers import Reader
from reelhook.analytics.counts import all_counted
from reelhook.analytics.objectives import objectives
from reelhook.analytics.spans import Cut, Span
from reelhook.db.tables import metadata
from tests.analytics.past import Past
from tests.conftest import START
from tests.plans import explained

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
YEAR = Span(START - 365 * DAY, START + HOUR)
DAYS = Cut(YEAR, "day", ZoneInfo("Europe/Berlin"))


def reader(conn: Connection) -> Reader:
    return Reader.at(conn, START)


ASKED: dict[str, Callable[[Connection], Any]] = {
    "summary": lambda conn: answers.summary(reader(conn), YEAR),
    "series": lambda conn: answers.series(reader(conn), YEAR, ("accepted", "render_time", "stored"), DAYS),
    "breakdown": lambda conn: answers.breakdown(reader(conn), YEAR, "rejected"),
    "usage": lambda conn: answers.usage(conn, YEAR),
    "live": lambda conn: answers.live(conn, START),
    "objectives": lambda conn: objectives(conn, START),
    "an hour that is counted": lambda conn: all_counted(conn, START - HOUR, START),
}


# What is read whole: the work that is not done.
SHORT_ENOUGH = ("SCAN jobs USING INDEX jobs_not_done",)


@pytest.fixture
def database_url(tmp_path: Any) -> str:
    return f"sqlite:///{tmp_path / 'reelhook.db'}"


@pytest.mark.parametrize("what", ASKED)
async def test_each_query_goes_along_an_index_and_their_number_is_fixed(past: Past, what: str) -> None:
    await past.skip_to(START)
    with explained(past.db) as before:
        await past.db.write(lambda tx: ASKED[what](tx.conn) and None)
    for days in range(1, 9):
        past.event(START - days * DAY)
        past.video(START - days * DAY)
        past.rejected(START - days * DAY, "unsigned", days)
    await past.write()
    await past.count_what_was()
    with explained(past.db) as plans:
        await past.db.write(lambda tx: ASKED[what](tx.conn) and None)
    assert len(plans) == len(before)
    for line in (line for plan in plans for line in plan):
        scans, _, named = line.partition(" ")
        whole = scans == "SCAN" and named.split(" ")[0] in metadata.tables
        assert not whole or line in SHORT_ENOUGH, line

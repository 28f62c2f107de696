"""A page of events costs the same however many there are: whatever it is narrowed to, an index leads to it in order."""

from pathlib import Path
from typing import Any

import pytest

from reelhook.db import Database
from reelhook.inbox import queries, selection
from reelhook.jobs.event_filter import EventFilter
from reelhook.kit.pages import Page
from tests.conftest import START
from tests.plans import explained

BY_ID = "SEARCH events USING INDEX sqlite_autoindex_events_1 (id"


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite's planner needs no rows to be asked."""
    return f"sqlite:///{tmp_path / 'reelhook.db'}"


@pytest.mark.parametrize(
    ("which", "plan"),
    [
        ({}, ["SCAN events USING INDEX sqlite_autoindex_events_1"]),
        ({"since": START}, [f"{BY_ID}>?)"]),
        ({"type": "avatar_video.fail"}, ["SEARCH events USING INDEX events_type_id (type=?)"]),
        ({"type": "x", "since": START}, ["SEARCH events USING INDEX events_type_id (type=? AND id>?)"]),
        ({"video_id": "v"}, ["SEARCH events USING INDEX events_video_id_id (video_id=?)"]),
        ({"video_id": "v", "type": "x"}, ["SEARCH events USING INDEX events_video_id_id (video_id=?)"]),
        ({"state": "pending"}, ["SCAN events USING INDEX events_pending"]),
        ({"source": "reconcile"}, ["SCAN events USING INDEX events_reconciled"]),
        ({"source": "callback"}, ["SCAN events USING INDEX events_called_back"]),
    ],
)
def test_a_page_is_a_piece_of_an_index(prepared: Database, which: dict[str, Any], plan: list[str]) -> None:
    with explained(prepared) as plans:
        prepared.write_now(lambda tx: queries.listing(tx.conn, Page(), EventFilter(**which)))
    assert plans == [plan]


@pytest.mark.parametrize("which", [{}, {"type": "avatar_video.fail"}, {"state": "ignored"}])
def test_what_is_named_is_found_by_its_names(prepared: Database, which: dict[str, Any]) -> None:
    with explained(prepared) as plans:
        prepared.write_now(lambda tx: queries.listing(tx.conn, Page(), EventFilter(**which), "some"))
    lines = [line for plan in plans for line in plan if " events " in line or " event_keys " in line]
    assert lines[0].startswith(f"{BY_ID}=?)")
    assert not [line for line in lines if line.startswith("SCAN")]
    assert len(lines) == 6, "the list, and each of five ways to name an event"


def test_a_replay_takes_a_type_batch_by_batch(prepared: Database) -> None:
    with explained(prepared) as plans:
        prepared.write_now(
            lambda tx: selection.some(tx.conn, EventFilter(type="avatar_video.fail"), after="a", up_to="z", limit=9)
        )
    assert plans == [["SEARCH events USING COVERING INDEX events_type_id (type=? AND id>? AND id<?)"]]

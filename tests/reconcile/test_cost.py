"""What came is looked for among few, however many events of its type there are."""

import pytest

from reelhook.events import parse
from reelhook.reconcile import asking, counterparts
from reelhook.reconcile.compare import Told
from tests.conftest import START
from tests.plans import explained
from tests.reconcile.scene import Scene

SUCCESS = b'{"event_type": "avatar_video.success", "event_data": {"video_id": "hg-1"}}'
OF_RESOURCE = "SEARCH events USING INDEX events_resource_id_type (resource_id=? AND type=?)"


@pytest.fixture(autouse=True)
def _sqlite_alone(scene: Scene) -> None:
    if not scene.db.is_sqlite:
        pytest.skip("SQLite's planner needs no rows to be asked")


def test_what_came_about_a_video_is_among_its_own_events(scene: Scene) -> None:
    with explained(scene.db) as plans:
        scene.db.write_now(lambda tx: asking._came(tx.conn, "some", parse(SUCCESS)))
    (lines,) = plans
    assert [line for line in lines if line.startswith("SEARCH")] == [
        OF_RESOURCE,
        "SEARCH events USING INDEX events_video_id_id (video_id=?)",
    ]


def test_what_is_about_a_resource_is_among_its_own_and_the_rest_among_those_about_none(scene: Scene) -> None:
    told = [Told("avatar_video.success", resource, None, START, b"") for resource in ("hg-1", None)]
    with explained(scene.db) as plans:
        scene.db.write_now(lambda tx: counterparts.alike(tx.conn, told))
    assert [lines[0] for lines in plans] == [
        OF_RESOURCE,
        "SEARCH events USING INDEX events_resource_id_type (resource_id=?)",
    ]

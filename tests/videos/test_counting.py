"""Numbers for all videos are exact where few are counted, and cost no more where there are many."""

import pytest

from reelhook.db import Database
from reelhook.errors import DatabaseUnavailable
from reelhook.videos import State, counting
from reelhook.videos.counting import Counts, counted
from tests.videos.scene import Scene


@pytest.fixture
def counts(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Counts:
    monkeypatch.setattr(counting, "CAP", 2)
    return Counts(scene.db, scene.clock)


def test_each_state_is_counted_as_far_as_it_is_said(scene: Scene) -> None:
    for state in (State.READY, State.READY, State.READY, State.FAILED):
        scene.create(state)
    found = scene.db.write_now(lambda tx: counted(tx.conn, (State.READY, State.FAILED), 2))
    assert found == {"ready": 2, "failed": 1}


async def test_numbers_up_to_the_cap_are_of_this_moment(scene: Scene, counts: Counts) -> None:
    scene.create(State.READY)
    assert (await counts())[1] == dict.fromkeys(map(str, State), 0) | {"ready": 1}
    video_id = scene.create(State.RENDERING)
    assert (await counts())[1] == dict.fromkeys(map(str, State), 0) | {"ready": 1, "rendering": 1}
    scene.move(video_id, State.RENDERED)
    stream_id, numbers = await counts()
    assert (stream_id, numbers["rendering"], numbers["rendered"]) == (3, 0, 1)


async def test_what_goes_beyond_it_is_counted_once_a_minute(scene: Scene, counts: Counts) -> None:
    for _ in range(4):
        scene.create(State.READY)
    scene.create(State.FAILED)
    assert (await counts())[1]["ready"] == 4
    scene.create(State.READY)
    scene.create(State.FAILED)
    _, numbers = await counts()
    assert (numbers["ready"], numbers["failed"]) == (4, 2), "one that has just come to the cap is shown as that"
    await scene.clock.forward(counting.GOOD_FOR_S)
    assert (await counts())[1]["ready"] == 5


async def test_a_database_that_was_away_is_asked_again_at_once(
    scene: Scene, counts: Counts, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        scene.create(State.READY)
    read = Database.read

    async def away(self: Database, work: object, **_: object) -> object:
        if counts._whole._looking is not None and not counts._whole._looking.done():
            raise DatabaseUnavailable("it is away")
        return await read(self, work)  # type: ignore[arg-type]

    monkeypatch.setattr(Database, "read", away)
    with pytest.raises(DatabaseUnavailable):
        await counts()
    monkeypatch.undo()
    monkeypatch.setattr(counting, "CAP", 2)
    assert (await counts())[1]["ready"] == 3

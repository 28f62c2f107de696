"""The story of a finished video is kept for its time; that of a video on its way, for as long as it takes."""

from typing import Any

import pytest

from reelhook.db.tables import seen, timeline, videos
from reelhook.settings import Settings
from reelhook.videos import State
from reelhook.videos.retention import ON_ITS_WAY, sweeps
from tests.sweeping import swept
from tests.videos.scene import Scene

DAY = 86_400


def prune(scene: Scene, **settings: Any) -> dict[str, int]:
    return swept(scene.db, sweeps(Settings(**settings), scene.clock.now()), most=3)


def looked_at(scene: Scene, video_id: str, *browsers: str) -> None:
    rows = [{"video_id": video_id, "browser": browser, "at": scene.clock.now()} for browser in browsers]
    scene.db.write_now(lambda tx: tx.execute(seen.insert(), rows))


@pytest.mark.parametrize("state", list(State))
def test_the_old_story_of_a_finished_video_goes_and_the_video_stays(state: State, scene: Scene) -> None:
    video_id = scene.create()
    looked_at(scene, video_id, "b" * 8)
    scene.edit(video_id, state=state)
    scene.clock.move(365 * DAY + 1)
    finished = state in (State.READY, State.FAILED, State.UNARCHIVED)
    assert prune(scene) == ({"timeline": 1, "seen": 1} if finished else {})
    assert len(scene.rows(videos)) == 1
    assert (state in ON_ITS_WAY) is not finished


def test_what_is_younger_stays(scene: Scene) -> None:
    video_id = scene.create()
    looked_at(scene, video_id, "b" * 8, "c" * 8)
    scene.clock.move(100 * DAY)
    scene.move(video_id, State.RENDERED, State.ARCHIVING, State.READY)
    looked_at(scene, video_id, "d" * 8)
    scene.clock.move(300 * DAY)
    assert prune(scene) == {"timeline": 1, "seen": 2}
    assert [entry.kind for entry in scene.rows(timeline)] == ["rendered", "archiving", "ready"]

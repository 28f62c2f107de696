"""P5 while the log is pruned: who missed what is gone is told so, and nobody else notices."""

from typing import Any

import pytest
from sqlalchemy import ColumnElement, false, select

from reelhook.db.tables import stream
from reelhook.realtime import hub as hub_room
from reelhook.realtime import log as stream_log
from reelhook.realtime.log import HistoryGone, floor, head
from reelhook.realtime.retention import sweeps
from reelhook.settings import Settings
from tests.conftest import eventually
from tests.ingest.serving import served
from tests.sweeping import swept

from .browser import Frame, watching
from .conftest import Scene
from .test_stream import seen
from .test_subscriber import Pipe, subscriber

DAY = 86_400


def nobody(_: ColumnElement[Any]) -> ColumnElement[bool]:
    return false()


def prune(scene: Scene, spared: Any = nobody, **settings: Any) -> int:
    return swept(scene.db, sweeps(Settings(**settings), scene.clock.now(), spared), most=4).get("stream", 0)


def kept(scene: Scene) -> list[int]:
    return list(scene.db.write_now(lambda tx: tx.execute(select(stream.c.id).order_by(stream.c.id)).scalars().all()))


async def test_old_updates_go_and_the_floor_rises_to_them(scene: Scene) -> None:
    assert prune(scene) == 0
    await scene.write(10)
    scene.clock.move(7 * DAY)
    assert prune(scene) == 0
    assert await scene.db.read(floor) == 0
    scene.clock.move(1)
    assert prune(scene) == 10
    assert await scene.db.read(lambda conn: (floor(conn), head(conn))) == (10, 10)
    await scene.write()
    assert kept(scene) == [11]


async def test_of_too_many_the_newest_stay(scene: Scene) -> None:
    await scene.write(10)
    assert prune(scene, most_updates=3) == 7
    assert kept(scene) == [8, 9, 10]
    assert await scene.db.read(floor) == 7
    assert prune(scene, most_updates=3) == 0


async def test_those_of_spared_videos_stay_below_the_floor(scene: Scene) -> None:
    await scene.write(2, video_id="done")
    await scene.write(2, video_id="open")
    await scene.write(2, video_id="done")
    await scene.write()
    assert prune(scene, lambda video_id: video_id == "open", most_updates=1) == 4
    assert kept(scene) == [3, 4, 7]
    assert await scene.db.read(floor) == 6
    with pytest.raises(HistoryGone):
        await scene.db.read(lambda conn: stream_log.replay(conn, 2, 10))


async def test_the_floor_and_the_rows_go_together_or_not_at_all(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    await scene.write(4)
    (sweep,) = sweeps(Settings(most_updates=1), scene.clock.now(), nobody)

    def fails(tx: Any) -> None:
        sweep.batch(tx, None, 4, 9)
        raise LookupError

    with pytest.raises(LookupError):
        scene.db.write_now(fails)
    assert (kept(scene), await scene.db.read(floor)) == ([1, 2, 3, 4], 0)


async def test_a_browser_below_the_floor_is_told_to_fetch_everything_anew(scene: Scene) -> None:
    await scene.write(9)
    prune(scene, most_updates=4)
    async with served(scene.app) as port, scene.following():
        async with watching(port, last_event_id=4) as browser:
            assert await browser.frame() == Frame("resync", 9, None, {"stream_id": 9})
            await scene.write()
            assert await seen(browser, 1) == [10]
        async with watching(port, last_event_id=5) as browser:
            assert await seen(browser, 5) == [6, 7, 8, 9, 10]


async def test_browsers_that_watch_notice_nothing(port: int, scene: Scene) -> None:
    await scene.write(3)
    await eventually(lambda: scene.hub.cursor == 3)
    async with watching(port) as browser:
        await scene.write(3)
        assert await seen(browser, 3) == [4, 5, 6]
        prune(scene, most_updates=1)
        await scene.write(3)
        assert await seen(browser, 3) == [7, 8, 9]
        # What is gone from the log is still in this process's memory: no reason to make anybody fetch it all.
        async with watching(port, last_event_id=5) as late:
            assert await seen(late, 4) == [6, 7, 8, 9]


async def test_a_process_that_stood_still_meanwhile_tells_its_browsers(
    port: int, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its hub would go on behind the gap, and its browsers would never learn of it."""
    monkeypatch.setattr(hub_room, "POLL_S", 0.05)
    real = stream_log.follow
    scene.hub.add(catching_up := subscriber(Pipe(), live=False))  # it will find out by itself
    async with watching(port) as browser, watching(port, "?video_id=v") as narrow:
        await scene.write(2, video_id="v")
        assert await seen(browser, 2) == await seen(narrow, 2) == [1, 2]
        monkeypatch.setattr(stream_log, "follow", lambda *_: [])  # it is suspended
        await scene.write(5, video_id="v")
        prune(scene, most_updates=1)
        monkeypatch.setattr(stream_log, "follow", real)  # and resumed
        for one in (browser, narrow):
            assert await one.frame() == Frame("resync", 7, None, {"stream_id": 7})
        await scene.write(video_id="v")
        assert await seen(browser, 1) == await seen(narrow, 1) == [8]
    assert not catching_up.live

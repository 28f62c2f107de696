"""The end of an attempt at a file: committed whole, or not at all."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from reelhook.archive import ArchiveHandler, Settling
from reelhook.archive.links import Link
from reelhook.archive.outcome import Outcome
from reelhook.archive.progress import Progress
from reelhook.archive.stores.store import Stored
from reelhook.db import Tx
from reelhook.db.tables import assets
from reelhook.jobs import Failure
from reelhook.jobs.kinds import ArchiveAsset
from reelhook.jobs.queue import SIGNAL as JOBS
from reelhook.realtime.log import SIGNAL as STREAM
from reelhook.videos import State
from tests.rollback.breaking import Breaker
from tests.videos.scene import LINK, Scene

POSTER = "https://cdn.example/poster.jpg"
KEPT = Stored("video/x", "https://cdn.example/x.mp4", 9, "f" * 64, "e" * 32, "video/mp4", "digest", POSTER)
OUTCOME = Outcome(KEPT, "cloudinary", Link(LINK, {"gif": LINK, "captions": LINK}))
FULL = Failure("store_full", "no space left in /media", True)


def wanted(scene: Scene, role: str = "video", state: State = State.ARCHIVING) -> ArchiveAsset:
    """A video and one of its files, which is to be archived."""
    video_id = scene.create(State.RENDERED)
    if state is not State.RENDERED:
        scene.move(video_id, state)
    scene.db.write_now(lambda tx: scene.lifecycle.want_asset(tx, video_id, role, LINK))
    asset_id = scene.db.write_now(lambda tx: tx.execute(select(assets.c.id)).scalar_one())
    return ArchiveAsset(video_id=video_id, asset_id=asset_id)


def settling(scene: Scene) -> Settling:
    return Settling(scene.clock, scene.ids, scene.lifecycle, scene.queue)


async def breaks(scene: Scene, breaker: Breaker, effect: Callable[[Tx], Any]) -> set[str]:
    async def act() -> None:
        await scene.db.write(effect)

    return await breaker.in_turn(act)


async def test_it_begins(scene: Scene, breaker: Breaker) -> None:
    work = wanted(scene, state=State.RENDERED)
    handler = ArchiveHandler(scene.db, scene.clock, scene.lifecycle, settling(scene), None, None, {}, None, None)  # type: ignore[arg-type]
    assert await breaks(scene, breaker, lambda tx: handler._begin(tx, work)) == {STREAM}
    assert scene.video(work.video_id).state == "archiving"


async def test_the_video_itself_is_stored(scene: Scene, breaker: Breaker) -> None:
    work = wanted(scene)
    stored = lambda tx: settling(scene).stored(tx, work, "video", OUTCOME, 1.0)  # noqa: E731
    assert await breaks(scene, breaker, stored) == {JOBS, STREAM}
    assert scene.video(work.video_id).state == "ready"


async def test_another_file_is_stored(scene: Scene, breaker: Breaker) -> None:
    work = wanted(scene, "gif", State.READY)
    stored = lambda tx: settling(scene).stored(tx, work, "gif", OUTCOME, 1.0)  # noqa: E731
    assert await breaks(scene, breaker, stored) == {STREAM}


async def test_a_file_is_stored_whose_video_is_gone(scene: Scene, breaker: Breaker) -> None:
    work = wanted(scene)
    scene.db.write_now(lambda tx: scene.lifecycle.delete(tx, work.video_id))
    stored = lambda tx: settling(scene).stored(tx, work, "video", OUTCOME, 1.0)  # noqa: E731
    assert await breaks(scene, breaker, stored) == {JOBS}


async def test_an_attempt_failed(scene: Scene, breaker: Breaker) -> None:
    work = wanted(scene)
    reached = Progress(lambda *_: None, scene.clock, work.video_id, None)
    failed = lambda tx: settling(scene).failed(tx, work, "video", FULL, reached)  # noqa: E731
    assert await breaks(scene, breaker, failed) == set()


@pytest.mark.parametrize(("role", "announced"), [("video", {STREAM}), ("gif", set())])
async def test_no_attempt_is_left(scene: Scene, breaker: Breaker, role: str, announced: set[str]) -> None:
    work = wanted(scene, role)
    assert await breaks(scene, breaker, lambda tx: settling(scene).dead(tx, work, FULL)) == announced

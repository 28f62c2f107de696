"""Whole attempts at jobs by the real runner: what breaks leaves nothing but the job's own story."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from reelhook.archive import ArchiveHandler, Fetcher, Limits, Links, LocalStore, Settling
from reelhook.archive.errors import StoreRefused
from reelhook.db.tables import assets, job_attempts, jobs, timeline
from reelhook.heygen import Created, HeyGen
from reelhook.inbox import store
from reelhook.inbox.handler import ApplyHandler
from reelhook.jobs import Destinations, Handler
from reelhook.jobs import runner as running_jobs
from reelhook.jobs.kinds import RequestVideo
from reelhook.jobs.queue import Job
from reelhook.jobs.runner import Runner
from reelhook.kit.http import guarded_session
from reelhook.kit.targets import Targets
from reelhook.videos import State
from reelhook.videos.handler import RequestHandler
from tests.archive.conftest import host
from tests.archive.host import Host, film, whole
from tests.inbox.conftest import arrival
from tests.jobs.scene import LEASE
from tests.rollback.breaking import AWAY, BAD_ROW, Breaker, Everything, Fault, changed, everything
from tests.videos.scene import AVATAR, LINK, Scene

__all__ = ["host"]

OWN_STORY = {"jobs", "job_attempts", "sqlite_sequence"}


@dataclass
class Attempts:
    """Attempts at one claimed job, which is put back as it was after each."""

    scene: Scene
    breaker: Breaker
    handler: Handler[Any]

    def __post_init__(self) -> None:
        db = self.scene.db
        (self.job,) = db.write_now(lambda tx: self.scene.queue.claim(tx, "w1", LEASE, 1))
        self.runner = Runner(db, self.scene.queue, self.scene.clock, self.scene.ids, {self.job.kind: self.handler})
        self.before, (self.row,) = everything(db), self.scene.rows(jobs, jobs.c.id == self.job.id)

    async def bad_rows(self, ends_as: str) -> None:
        """One statement after the other is refused: the job *ends_as*, and all else is as before."""
        for at in range(1, 100):
            with self.breaker.breaking(Fault(BAD_ROW, at)) as fault:
                await self.runner.attempt(self.job)
            after, (job,) = everything(self.scene.db), self.scene.rows(jobs, jobs.c.id == self.job.id)
            if fault.struck is None:
                return
            assert set(changed(self.before, after)) <= OWN_STORY, f"broken at {fault.struck}"
            assert others(self.before, self.job) == others(after, self.job), f"broken at {fault.struck}"
            assert job.state == ends_as
            self.put_back()
        raise AssertionError("it never came through")

    async def away(self) -> None:
        """From one statement on, the database is away: the job stays as it was claimed, for whoever rescues it."""
        for at in range(1, 100):
            with self.breaker.breaking(Fault(AWAY, at, lasting=True)) as fault:
                await self.runner.attempt(self.job)
            if fault.struck is None:
                return
            assert changed(self.before, everything(self.scene.db)) == [], f"away from {fault.struck} on"
        raise AssertionError("it never came through")

    def put_back(self) -> None:
        as_it_was = update(jobs).where(jobs.c.id == self.job.id).values(**self.row._mapping)
        its_story = delete(job_attempts).where(job_attempts.c.job_id == self.job.id)
        self.scene.db.write_now(lambda tx: [tx.execute(one).close() for one in (as_it_was, its_story)])


def others(found: Everything, job: Job) -> list[str]:
    return [row for row in found["jobs"] if job.id not in row]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running_jobs, "SETTLE_TRIES", 2)


class Accepts:
    """HeyGen, as far as it is asked here."""

    async def create_video(self, body: Any, key: str) -> Created:
        return Created("avatar_video", "hg-1", "pending")


@pytest.fixture
def requesting(scene: Scene, breaker: Breaker) -> Attempts:
    video_id = scene.create(request=AVATAR)
    scene.db.write_now(lambda tx: scene.queue.add(tx, RequestVideo(video_id=video_id)))
    heygen = cast(HeyGen, Accepts())
    handler = RequestHandler(scene.db, scene.lifecycle, scene.told, heygen, destinations(scene), lambda *_: None)
    return Attempts(scene, breaker, Handler(handler, on_dead=handler.on_dead))


@pytest.fixture
def applying(scene: Scene, breaker: Breaker) -> Attempts:
    body = b'{"event_type": "avatar_video.success", "event_data": {"video_id": "hg-1", "url": "https://h/v.mp4"}}'
    scene.db.write_now(lambda tx: store.commit(tx, [arrival(body)], scene.ids, scene.queue))
    handler = ApplyHandler(scene.db, scene.clock, scene.queue, scene.told, can_ask=True)
    return Attempts(scene, breaker, Handler(handler, on_dead=handler.on_dead))


def destinations(scene: Scene) -> Destinations:
    return Destinations(scene.clock, scene.ids)


def archive_handler(scene: Scene, fetcher: Fetcher, stores: Any) -> ArchiveHandler:
    settling = Settling(scene.clock, scene.ids, scene.lifecycle, scene.queue)
    apart = destinations(scene)
    links = Links(None, scene.clock, apart)
    return ArchiveHandler(
        scene.db, scene.clock, scene.lifecycle, settling, fetcher, links, stores, apart, lambda *_: None
    )  # fmt: skip


@pytest.fixture
async def archiving(scene: Scene, breaker: Breaker, host: Host, tmp_path: Path) -> AsyncIterator[Attempts]:
    video_id, link = scene.create(State.RENDERED), host.put("/a.mp4", whole(film()))
    scene.move(video_id, State.ARCHIVING)
    scene.db.write_now(lambda tx: scene.lifecycle.want_asset(tx, video_id, "video", link))
    local = LocalStore(tmp_path / "media")
    async with guarded_session((host.address,)) as session:
        handler = archive_handler(
            scene, Fetcher(session, scene.clock, Limits(600, 50_000_000), Targets((host.address,))), {"local": local}
        )
        yield Attempts(scene, breaker, Handler(handler, on_dead=handler.on_dead))
    local.close()


@pytest.fixture
def giving_up(scene: Scene, breaker: Breaker) -> Attempts:
    """A job that cannot succeed: its end is written in the transaction that makes it dead."""
    video_id = scene.create(State.RENDERED)
    scene.move(video_id, State.ARCHIVING)
    scene.db.write_now(lambda tx: scene.lifecycle.want_asset(tx, video_id, "video", LINK))
    handler = archive_handler(scene, cast(Fetcher, None), {})

    async def refused(_: Any) -> None:
        raise StoreRefused("the store said no")

    return Attempts(scene, breaker, Handler(refused, on_dead=handler.on_dead))


async def test_a_request_to_heygen(requesting: Attempts) -> None:
    await requesting.bad_rows("retryable")
    (video,) = requesting.scene.rows(timeline, timeline.c.kind == "rendering")
    assert video.state == "rendering"


async def test_a_request_to_heygen_while_the_database_goes_away(requesting: Attempts) -> None:
    await requesting.away()
    assert requesting.scene.rows(jobs)[0].state == "done"


@pytest.mark.parametrize(("error", "lasting"), [(BAD_ROW, False), (AWAY, True)])
async def test_applying_an_event(applying: Attempts, error: DBAPIError, lasting: bool) -> None:
    """It is applied in a transaction of its own, before its job is settled: all of it or nothing, and once."""
    scene = applying.scene
    for at in range(1, 100):
        with applying.breaker.breaking(Fault(error, at, lasting)) as fault:
            await applying.runner.attempt(applying.job)
        assert fault.struck is not None
        if differ := set(changed(applying.before, everything(scene.db))) - OWN_STORY:
            break
        applying.put_back()
    assert differ == {"events", "videos", "timeline", "stream", "assets", "counters"}
    applied = everything(scene.db)
    applying.put_back()
    await applying.runner.attempt(applying.job)
    assert set(changed(applied, everything(scene.db))) <= OWN_STORY, "applied once"
    assert [row.state for row in scene.rows(jobs)] == ["done", "available"]


async def test_keeping_a_file(archiving: Attempts) -> None:
    await archiving.bad_rows("retryable")
    assert archiving.scene.db.write_now(lambda tx: tx.execute(select(assets.c.state)).scalar_one()) == "stored"


async def test_keeping_a_file_while_the_database_goes_away(archiving: Attempts) -> None:
    await archiving.away()
    assert archiving.scene.db.write_now(lambda tx: tx.execute(select(assets.c.state)).scalar_one()) == "stored"


async def test_giving_up(giving_up: Attempts) -> None:
    """What a dead job leaves behind is written with its death; broken, the job is dead alone."""
    scene = giving_up.scene
    await giving_up.bad_rows("dead")
    assert [row.state for row in scene.rows(timeline)][-1] == "unarchived"


async def test_giving_up_while_the_database_goes_away(giving_up: Attempts) -> None:
    await giving_up.away()
    assert [row.state for row in giving_up.scene.rows(timeline)][-1] == "unarchived"

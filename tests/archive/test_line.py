"""The whole room at work: HeyGen's simulator, a real worker, and each store."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import select

from reelhook.archive import (
    Account,
    ArchiveHandler,
    DeleteHandler,
    Fetcher,
    Limits,
    Links,
    LocalStore,
    Settling,
    Store,
    archive_limit_s,
)
from reelhook.archive.stores.cloudinary import CloudinaryStore
from reelhook.db import Database
from reelhook.db.tables import assets, job_attempts, jobs, timeline, videos
from reelhook.heygen import HeyGen
from reelhook.jobs import POLICIES, Destinations, Every, Handler, Queue, RetryPolicy, Worker
from reelhook.jobs.kinds import ArchiveAsset, DeleteStored, Prune
from reelhook.jobs.lanes.memory import MemoryLane
from reelhook.kit.clock import SystemClock
from reelhook.kit.http import guarded_session
from reelhook.kit.ids import Ids
from reelhook.kit.targets import Targets
from reelhook.simulators.process import Addresses
from reelhook.videos import Lifecycle, State
from tests.conftest import eventually


async def nothing(_: Prune) -> None:
    """A worker has something periodic to do."""


class Line:
    """One service that archives what HeyGen's simulator renders."""

    def __init__(self, db: Database, addresses: Addresses, root: Path, session: aiohttp.ClientSession) -> None:
        self.db, self.addresses, self.session = db, addresses, session
        clock, ids, allowed = SystemClock(), Ids(), (addresses.heygen.removeprefix("http://"),)
        self.queue = Queue(clock, ids)
        self.lifecycle = Lifecycle(clock, ids, self.queue)
        self.destinations = Destinations(clock, ids)
        account = Account.parse(addresses.cloudinary_url)
        self.stores: dict[str, Store] = {"local": LocalStore(root), "cloudinary": CloudinaryStore(account, clock)}
        heygen = HeyGen(session, addresses.heygen, addresses.heygen_api_key, clock)
        fetcher = Fetcher(session, clock, Limits(total_s=60, most_bytes=100_000_000, stall_s=5), Targets(allowed))
        self.told: list[Any] = []
        self.handler = ArchiveHandler(
            db,
            clock,
            self.lifecycle,
            Settling(clock, ids, self.lifecycle, self.queue),
            fetcher,
            Links(heygen, clock, self.destinations),
            self.stores,
            self.destinations,
            lambda *told: self.told.append(told),
        )

    def worker(self, policy: RetryPolicy = POLICIES[ArchiveAsset], drain_s: float = 5) -> Worker:
        handlers: dict[Any, Handler[Any]] = {
            ArchiveAsset: Handler(
                run=self.handler, policy=policy, on_dead=self.handler.on_dead, limit_s=archive_limit_s(60)
            ),
            DeleteStored: Handler(
                run=DeleteHandler(self.db, self.stores, self.destinations), policy=POLICIES[DeleteStored]
            ),
            Prune: Handler(run=nothing),
        }
        return Worker(
            self.db,
            self.queue,
            MemoryLane(),
            handlers,
            (Every(3600, Prune()),),
            SystemClock(),
            Ids(),
            "w1",
            drain_s=drain_s,
            alone=True,
        )

    @asynccontextmanager
    async def working(self, worker: Worker | None = None) -> AsyncIterator[None]:
        stop = asyncio.Event()
        worker = worker or self.worker()
        self.db.on_commit("jobs", worker.lane.send)
        task = asyncio.create_task(worker.run(stop))
        try:
            yield
        finally:
            stop.set()
            await asyncio.wait_for(task, 20)

    async def heygen(self, method: str, path: str, body: object = None) -> Any:
        headers = {"X-Api-Key": self.addresses.heygen_api_key}
        url = self.addresses.heygen + path
        async with self.session.request(method, url, json=body, headers=headers) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def rendered(self, store: str, **plan: object) -> str:
        """A video that HeyGen has rendered as *plan* says; returns our id of it."""
        await self.heygen("POST", "/_control/plans", {"plans": [{"delivery": "none", **plan}]})
        made = await self.heygen("POST", "/v3/videos", {"type": "avatar", "avatar_id": "a", "script": "Hi"})
        heygen_id = made["data"]["video_id"]

        async def done() -> bool:
            return bool((await self.heygen("GET", f"/v3/videos/{heygen_id}"))["data"]["status"] == "completed")

        await eventually(done, what="the render")

        def told(tx: Any) -> str:
            video_id = self.lifecycle.create(
                tx, kind="avatar_video", store=store, message="made", state=State.RENDERED, heygen_video_id=heygen_id
            )
            self.lifecycle.want_asset(tx, video_id, "video", None)
            return video_id

        return await self.db.write(told)

    async def truth(self, video_id: str) -> Any:
        heygen_id = (await self.rows(select(videos).where(videos.c.id == video_id)))[0].heygen_video_id
        told = (await self.heygen("GET", "/_control/videos"))["videos"]
        return next(each for each in told if each["id"] == heygen_id)

    async def rows(self, query: Any) -> list[Any]:
        return await self.db.read(lambda conn: list(conn.execute(query).fetchall()))

    async def reaches(self, video_id: str, state: str) -> None:
        async def there() -> bool:
            return bool((await self.rows(select(videos.c.state).where(videos.c.id == video_id)))[0].state == state)

        await eventually(there, within_s=20, what=state)

    async def assets(self, video_id: str) -> dict[str, Any]:
        return {row.role: row for row in await self.rows(select(assets).where(assets.c.video_id == video_id))}


@pytest.fixture
async def line(db: Database, addresses: Addresses, tmp_path: Path) -> AsyncIterator[Line]:
    allowed = (addresses.heygen.removeprefix("http://"),)
    async with guarded_session(allowed) as session:
        line = Line(db, addresses, tmp_path / "media", session)
        yield line
        for store in line.stores.values():
            store.close()


@pytest.mark.parametrize("store", ["local", "cloudinary"])
async def test_a_render_with_all_its_files_is_kept(line: Line, store: str) -> None:
    video_id = await line.rendered(store, gif=True, captions=True, bytes=7_000_000)
    async with line.working():
        await line.reaches(video_id, "ready")

        async def all_stored() -> bool:
            return {row.state for row in (await line.assets(video_id)).values()} == {"stored"}

        await eventually(all_stored, within_s=20, what="all files")
    kept, files = await line.assets(video_id), (await line.truth(video_id))["media"]
    assert set(kept) == {"video", "poster", "gif", "captions", "captioned"}
    assert kept["video"].bytes == 7_000_000
    assert kept["video"].sha256 == files["video"]["sha256"]
    assert kept["captioned"].sha256 == files["captioned"]["sha256"]
    assert kept["gif"].sha256 == files["gif"]["sha256"]
    assert line.told[-1][2:] == (7_000_000, 7_000_000)
    said = {row.message for row in await line.rows(select(timeline).where(timeline.c.kind == "asset"))}
    assert {"Stored the GIF", "Stored the captioned version", "Stored the captions"} <= said


@pytest.mark.parametrize(
    "plan",
    [
        {"first_downloads_403": 1},
        {"faults": [{"on": "media", "kind": "drop", "bytes": 400_000, "times": 2}], "bytes": 2_000_000},
        {"faults": [{"on": "media", "kind": "html"}]},
        {"faults": [{"on": "media", "kind": "empty"}]},
        {"faults": [{"on": "media", "kind": "not_found"}]},
        {"faults": [{"on": "media", "kind": "wrong_type"}]},
    ],
    ids=lambda plan: str(plan.get("faults", [{"kind": "403"}])[0]["kind"]),
)
async def test_one_bad_answer_costs_no_attempt(line: Line, plan: dict[str, Any]) -> None:
    video_id = await line.rendered("local", **plan)
    async with line.working():
        await line.reaches(video_id, "ready")
    kept = (await line.assets(video_id))["video"]
    assert kept.sha256 == (await line.truth(video_id))["media"]["video"]["sha256"]
    assert await line.rows(select(timeline).where(timeline.c.kind == "attempt_failed")) == []


async def test_a_video_that_cannot_be_kept_is_unarchived_and_a_person_may_try_again(line: Line) -> None:
    video_id = await line.rendered("local", faults=[{"on": "media", "kind": "redirect_loop", "times": 24}])
    async with line.working(line.worker(RetryPolicy(attempts=2, base_s=0.01, cap_s=0.01))):
        await line.reaches(video_id, "unarchived")
        failed = select(job_attempts).where(job_attempts.c.outcome.in_(("retryable", "dead")))
        assert len(await line.rows(failed)) == 2
        reason = (await line.rows(select(videos.c.failure_message)))[0].failure_message
        assert "redirects more than 5 times" in reason
        await line.db.write(lambda tx: line.lifecycle.archive_again(tx, video_id))
        await line.reaches(video_id, "ready")
    letters = await line.rows(select(jobs.c.discarded_reason).where(jobs.c.state == "dead"))
    assert [row.discarded_reason for row in letters] == ["the video was tried again"]


async def test_a_worker_that_stops_midway_leaves_a_job_that_another_ends(line: Line, tmp_path: Path) -> None:
    slow = {"on": "media", "kind": "slow", "bytes_per_s": 400_000}
    video_id = await line.rendered("local", bytes=4_000_000, faults=[slow])
    async with line.working(line.worker(drain_s=0.1)):
        await eventually(lambda: bool(line.told), what="the first bytes")
    job = (await line.rows(select(jobs).where(jobs.c.kind == "archive_asset")))[0]
    assert (job.state, job.attempts) == ("available", 0)
    assert [path for path in (tmp_path / "media").rglob("*") if path.is_file()] == []
    async with line.working():
        await line.reaches(video_id, "ready")


async def test_deleting_a_video_deletes_its_files(line: Line, tmp_path: Path) -> None:
    video_id = await line.rendered("local")
    async with line.working():
        await line.reaches(video_id, "ready")

        async def quiet() -> bool:
            return {row.state for row in await line.rows(select(jobs))} == {"done"}

        await eventually(quiet, what="all work")
        await line.db.write(lambda tx: line.lifecycle.delete(tx, video_id))
        await eventually(
            lambda: not [path for path in (tmp_path / "media").rglob("*") if path.is_file()], what="an empty store"
        )

"""The job table, on both databases."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from reelhook.db import Database, Tx
from reelhook.db.tables import jobs
from reelhook.jobs import Job
from reelhook.jobs.kinds import ArchiveAsset, ConfirmVideo, RequestVideo, Work
from reelhook.jobs.lanes import Due
from reelhook.jobs.queue import UnreadableWork
from tests.jobs.scene import LEASE, REFUSED, Scene, claim, rows, states, work


def names(found: list[Job]) -> list[str]:
    return [job.payload["location"] for job in found]


async def test_a_job_is_a_row_committed_with_its_cause(scene: Scene) -> None:
    def cause(tx: Tx) -> None:
        scene.queue.add(tx, work("a"))
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        await scene.db.write(cause)
    assert await rows(scene.db) == {}
    await scene.add("a")
    row = (await rows(scene.db))["a"]
    assert (row.state, row.attempts, row.fence, row.run_at) == ("available", 0, 0, scene.clock.now())


async def test_adding_wakes_whoever_waits(scene: Scene) -> None:
    told: list[list[Due]] = []
    scene.db.on_commit("jobs", told.append)
    await scene.add("a", "b")
    found = await rows(scene.db)
    assert told == [[Due(found["a"].id, slow=False), Due(found["b"].id, slow=False)]]


async def test_nobody_is_told_of_what_is_not_due_yet(scene: Scene) -> None:
    told: list[list[Due]] = []
    scene.db.on_commit("jobs", told.append)
    later = scene.clock.now() + timedelta(seconds=5)
    await scene.db.write(lambda tx: scene.queue.add(tx, work("a"), run_at=later))
    scene.clock.move(5)
    (job,) = await claim(scene)
    await scene.db.write(lambda tx: scene.queue.retry(tx, job, REFUSED, scene.clock.now() + timedelta(seconds=5)))
    assert told == []
    scene.clock.move(5)
    (job,) = await claim(scene)
    await scene.db.write(lambda tx: scene.queue.postpone(tx, job, scene.clock.now(), "stopping"))
    assert told == [[Due(job.id, slow=False)]]


async def test_a_claim_of_some_takes_only_these_and_the_earliest_deadline_first(scene: Scene) -> None:
    await scene.add(*"abcd")
    found = await rows(scene.db)
    wanted = [found[name].id for name in "dca"] + ["nobody"]
    assert await scene.db.read(lambda conn: scene.queue.any_due(conn, only=wanted))
    taken = await scene.db.write(lambda tx: scene.queue.claim(tx, "w1", LEASE, 2, only=wanted))
    assert names(taken) == ["a", "c"]
    rest = await scene.db.write(lambda tx: scene.queue.claim(tx, "w2", LEASE, 9, only=wanted))
    assert names(rest) == ["d"]
    assert not await scene.db.read(lambda conn: scene.queue.any_due(conn, only=wanted))
    assert names(await claim(scene)) == ["b"]


async def test_a_sent_job_is_taken_though_our_clock_is_a_little_behind(scene: Scene) -> None:
    ahead = scene.clock.now() + timedelta(seconds=0.2)
    await scene.db.write(lambda tx: scene.queue.add(tx, work("a"), run_at=ahead))
    job_id = (await rows(scene.db))["a"].id
    assert await claim(scene) == []
    assert names(await scene.db.write(lambda tx: scene.queue.claim(tx, "w1", LEASE, 1, only=[job_id]))) == ["a"]


async def test_what_waits_too_long_is_found_the_earliest_deadline_first(scene: Scene) -> None:
    await scene.add("a", "b", "c")
    scene.clock.move(2)
    await scene.add("fresh")
    found = await rows(scene.db)
    too_long = timedelta(seconds=2)
    assert await scene.db.read(lambda conn: scene.queue.overdue(conn, too_long, 9)) == []
    scene.clock.move(0.001)
    late = await scene.db.read(lambda conn: scene.queue.overdue(conn, too_long, 2))
    assert late == [Due(found["a"].id, slow=False), Due(found["b"].id, slow=False)]


async def test_the_oldest_are_taken_first_and_no_more_than_asked_for(scene: Scene) -> None:
    for name, minutes in (("b", 2), ("d", 0), ("a", 3), ("c", 2)):
        run_at = scene.clock.now() - timedelta(minutes=minutes)
        await scene.db.write(lambda tx, name=name, run_at=run_at: scene.queue.add(tx, work(name), run_at=run_at))  # type: ignore[misc]
    assert names(await claim(scene, 2)) == ["a", "b"]
    assert names(await claim(scene, 3)) == ["c", "d"]
    assert await claim(scene) == []


async def test_a_claim_has_a_lease_an_owner_and_a_new_fence(scene: Scene) -> None:
    await scene.add("a")
    (job,) = await claim(scene, owner="w7")
    assert (job.attempts, job.fence, job.started_at, job.work()) == (1, 1, scene.clock.now(), work("a"))
    row = (await rows(scene.db))["a"]
    assert (row.state, row.lease_owner, row.lease_until) == ("running", "w7", scene.clock.now() + LEASE)


async def test_nothing_is_taken_before_its_time(scene: Scene) -> None:
    at = scene.clock.now() + timedelta(seconds=10)
    await scene.db.write(lambda tx: scene.queue.add(tx, work("a"), run_at=at))
    scene.clock.move(9.9)
    assert await claim(scene) == []
    assert not await scene.db.read(scene.queue.any_due)
    scene.clock.move(0.1)
    assert await scene.db.read(scene.queue.any_due)
    assert names(await claim(scene)) == ["a"]


async def test_kinds_we_do_not_know_wait_for_a_version_that_does(scene: Scene) -> None:
    await scene.add("theirs", "ours")
    await scene.db.write(lambda tx: tx.execute(update(jobs).where(jobs.c.id == first_id(tx)).values(kind="newer")))
    assert names(await claim(scene)) == ["ours"]
    assert not await scene.db.read(scene.queue.any_due)
    await scene.db.write(lambda tx: tx.execute(update(jobs).values(state="running", lease_until=scene.clock.now())))
    scene.clock.move(1)
    found = await scene.db.write(lambda tx: scene.queue.abandoned(tx, "w1", LEASE, owners_gone=True))
    assert names(found) == ["ours"]
    assert (await states(scene.db))["theirs"] == "running"


async def test_a_worker_takes_only_what_it_asks_for(scene: Scene) -> None:
    await scene.add("a")
    assert await scene.db.write(lambda tx: scene.queue.claim(tx, "w1", LEASE, 9, ["prune"])) == []
    assert not await scene.db.read(lambda conn: scene.queue.any_due(conn, ["prune"]))


async def test_a_payload_of_another_version_is_a_failure_and_no_crash(scene: Scene) -> None:
    await scene.add("a")
    await scene.db.write(lambda tx: tx.execute(update(jobs).values(payload={"new_field": 1})))
    (job,) = await claim(scene)
    with pytest.raises(UnreadableWork, match="cannot read the payload of delete_stored") as unreadable:
        job.work()
    assert unreadable.value.retryable


@pytest.mark.parametrize(
    ("one", "other", "number"),
    [
        (RequestVideo(video_id="v"), RequestVideo(video_id="v"), 1),
        (RequestVideo(video_id="v"), RequestVideo(video_id="w"), 2),
        (ConfirmVideo(video_id="v"), ConfirmVideo(video_id="v", event_id="e"), 2),
        (ConfirmVideo(video_id="v", event_id="e"), ConfirmVideo(video_id="v", event_id="e"), 1),
        (ArchiveAsset(asset_id="a", video_id="v"), ArchiveAsset(asset_id="a", video_id="v"), 1),
        (work(), work(), 2),
    ],
)
async def test_a_unique_key_is_taken_while_its_job_is_open(scene: Scene, one: Work, other: Work, number: int) -> None:
    await scene.db.write(lambda tx: (scene.queue.add(tx, one), scene.queue.add(tx, other)))
    assert len(await claim(scene)) == number
    await scene.db.write(lambda tx: scene.queue.add(tx, other))
    assert len(await claim(scene)) == (1 if other.unique_key is None else 0), "running is open"


@pytest.mark.parametrize("end", ["finish", "bury"])
async def test_a_unique_key_is_free_again_once_its_job_has_ended(scene: Scene, end: str) -> None:
    add = lambda tx: scene.queue.add(tx, RequestVideo(video_id="v"))  # noqa: E731
    await scene.db.write(add)
    (job,) = await claim(scene)
    await scene.db.write(
        lambda tx: scene.queue.finish(tx, job) if end == "finish" else scene.queue.bury(tx, job, REFUSED)
    )
    await scene.db.write(add)
    assert len(await claim(scene)) == 1


async def test_extending_keeps_a_job_and_tells_which_were_lost(scene: Scene) -> None:
    await scene.add("a", "b")
    kept, lost = await claim(scene)
    scene.clock.move(31)
    await scene.db.write(lambda tx: scene.queue.extend(tx, [kept], LEASE))
    (taken,) = await scene.db.write(lambda tx: scene.queue.abandoned(tx, "w2", LEASE))
    assert (taken.id, taken.fence, taken.attempts) == (lost.id, lost.fence + 1, 1)
    assert await scene.db.write(lambda tx: scene.queue.extend(tx, [kept, lost], LEASE)) == {kept.id}


async def test_the_rescuer_holds_what_it_took_so_that_no_other_takes_it_too(scene: Scene) -> None:
    await scene.add("a")
    await claim(scene)
    scene.clock.move(31)
    take = lambda tx: scene.queue.abandoned(tx, "w2", LEASE)  # noqa: E731
    assert len(await scene.db.write(take)) == 1
    assert await scene.db.write(take) == []
    scene.clock.move(31)
    assert len(await scene.db.write(take)) == 1, "the rescuer died as well"


async def test_of_what_is_due_the_earliest_deadline_goes_first(scene: Scene) -> None:
    now = scene.clock.now()
    for name, hours in (("week", 168), ("hour", 1), ("day", 24)):
        deadline = now + timedelta(hours=hours)
        await scene.db.write(lambda tx, name=name, at=deadline: scene.queue.add(tx, work(name), deadline=at))  # type: ignore[misc]
        scene.clock.move(1)  # what waits longest is not what goes first
    await scene.add("usual")
    taken = [*await claim(scene, 2), *await claim(scene, 2)]  # not all at once: only then the choice shows
    assert [job.payload["location"] for job in taken] == ["usual", "hour", "day", "week"]


async def test_many_workers_never_take_the_same_job(scene: Scene) -> None:
    await scene.add(*(f"j{number}" for number in range(40)))
    taken = await asyncio.gather(*(claim(scene, 3, f"w{number}") for number in range(12)))
    assert all(len(some) <= 3 for some in taken)
    ids = [job.id for some in taken for job in some]
    assert len(ids) == len(set(ids))
    while more := await claim(scene):
        ids += [job.id for job in more]
    assert len(ids) == len(set(ids)) == 40


def first_id(tx: Tx) -> str:
    return str(tx.execute(select(jobs.c.id).order_by(jobs.c.id).limit(1)).scalar())


async def test_a_row_written_by_hand_is_a_job_too(db: Database, scene: Scene) -> None:
    """What an operator, or an earlier version, left in the table."""
    await scene.add("a")
    row = dict((await rows(db))["a"]._mapping) | {"id": "by-hand", "payload": {"store": "local", "location": "b"}}
    await db.write(lambda tx: tx.execute(insert(jobs), row))
    assert names(await claim(scene)) == ["a", "b"]

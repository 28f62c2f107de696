"""Dead letters: tried again at a person's word, or put aside with the reason; and who did it is written down."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import select, update

from reelhook.db import Tx
from reelhook.db.tables import audit, jobs
from reelhook.jobs import Failure, RetryPolicy, endpoints
from reelhook.jobs.dead_letters import DeadLetters
from reelhook.jobs.kinds import ArchiveAsset, RequestVideo
from reelhook.jobs.queue import LeaseLost
from reelhook.kit.times import rfc3339
from tests.jobs.acts import raising
from tests.jobs.scene import LEASE, REFUSED, Scene, do, outcomes, rows, states

MOMENT = "2026-11-22T12:00:00.000Z"


async def conflict(asked: Any) -> str:
    answer = await asked
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    return str(answer.json()["detail"])


async def audited(scene: Scene) -> list[tuple[str, str | None, dict[str, Any]]]:
    found = await scene.db.read(lambda conn: conn.execute(select(audit).order_by(audit.c.id)).fetchall())
    assert {row.actor for row in found} <= {"key:k"}
    return [(row.action, row.target, row.data) for row in found]


async def test_a_dead_job_is_tried_again_at_once_with_all_its_attempts_before_it(
    http: httpx2.AsyncClient, scene: Scene
) -> None:
    await scene.add("a")
    policy = RetryPolicy(attempts=2, base_s=1, cap_s=1)
    broken = scene.worker(raising(ValueError("broken")), policy=policy)
    async with scene.running(broken):
        await scene.until("a", "retryable")
        scene.clock.move(1)
        await scene.until("a", "dead")
    job_id = (await rows(scene.db))["a"].id
    async with scene.running(broken):
        answer = await http.post(f"/jobs/{job_id}/retry")
        assert answer.status_code == 202
        job = answer.json()
        assert (job["state"], job["error"], job["finished_at"]) == ("available", None, None)
        assert [attempt["number"] for attempt in job["attempts"]] == [1, 2]
        await scene.until("a", "retryable")  # one attempt does not make it dead again
    scene.clock.move(1)
    async with scene.running(scene.worker(do)):
        await scene.until("a", "done")
    assert await outcomes(scene.db) == [(1, "retryable"), (2, "dead"), (3, "retryable"), (4, "done")]
    assert await audited(scene) == [("job.retry", job_id, {})]


async def test_attempts_are_numbered_on_through_all_lives_of_a_job(scene: Scene) -> None:
    job_id = await scene.bury()
    for _ in range(2):
        await scene.db.write(lambda tx: DeadLetters(scene.clock).retry(tx, job_id))
        for way in ("postpone", "bury"):
            (job,) = await scene.db.write(lambda tx: scene.queue.claim(tx, "w1", LEASE, 1))
            assert job.attempts == 1
            given = {"postpone": (scene.clock.now(), "waiting"), "bury": (REFUSED,)}[way]
            await scene.db.write(lambda tx, way=way, job=job, given=given: getattr(scene.queue, way)(tx, job, *given))  # type: ignore[misc]
    told = [(1, "dead"), (2, "postponed"), (2, "dead"), (3, "postponed"), (3, "dead")]
    assert await outcomes(scene.db) == told


async def test_a_retry_wakes_the_workers(http: httpx2.AsyncClient, scene: Scene) -> None:
    job_id = await scene.bury()
    woken: list[str] = []
    scene.db.on_commit("jobs", lambda _: woken.append("jobs"))
    await http.post(f"/jobs/{job_id}/retry")
    assert woken == ["jobs"]


async def test_whoever_held_a_job_in_its_earlier_life_is_still_shut_out(scene: Scene) -> None:
    await scene.add("a")
    (zombie,) = await scene.db.write(lambda tx: scene.queue.claim(tx, "w1", LEASE, 1))
    (rescued,) = await scene.db.write(lambda tx: scene.queue.abandoned(tx, "w2", LEASE, owners_gone=True))
    await scene.db.write(lambda tx: scene.queue.bury(tx, rescued, REFUSED))
    await scene.db.write(lambda tx: DeadLetters(scene.clock).retry(tx, rescued.id))
    (again,) = await scene.db.write(lambda tx: scene.queue.claim(tx, "w3", LEASE, 1))
    assert (zombie.fence, rescued.fence, again.fence) == (1, 2, 3)
    for earlier in (zombie, rescued):
        with pytest.raises(LeaseLost):
            await scene.db.write(lambda tx, job=earlier: scene.queue.finish(tx, job))  # type: ignore[misc]
    await scene.db.write(lambda tx: scene.queue.finish(tx, again))


@pytest.mark.parametrize(("hours", "kept"), [(-2, False), (2, True)])
async def test_a_deadline_that_is_over_gives_no_precedence(scene: Scene, hours: int, kept: bool) -> None:
    job_id = await scene.bury()
    deadline = scene.clock.now() + timedelta(hours=hours)
    await scene.db.write(lambda tx: tx.execute(update(jobs).values(deadline=deadline)))
    await scene.db.write(lambda tx: DeadLetters(scene.clock).retry(tx, job_id))
    assert (await rows(scene.db))["a"].deadline == (deadline if kept else scene.clock.now())


@pytest.mark.parametrize("state", ["available", "running", "retryable", "done"])
@pytest.mark.parametrize("what", ["retry", "discard"])
async def test_only_what_is_dead_can_be_changed(http: httpx2.AsyncClient, scene: Scene, state: str, what: str) -> None:
    job_id = await scene.bury()
    await scene.db.write(lambda tx: tx.execute(update(jobs).values(state=state)))
    said = await conflict(http.post(f"/jobs/{job_id}/{what}", json={"reason": "x"}))
    assert said.startswith(f"job {job_id} is {state}; only a dead one can be {what.removesuffix('y')}")
    assert await audited(scene) == []


async def test_work_that_is_open_again_is_not_doubled(http: httpx2.AsyncClient, scene: Scene) -> None:
    same = ArchiveAsset(asset_id="a1", video_id="v1")
    job_id = await scene.bury(what=same)
    await scene.db.write(lambda tx: scene.queue.add(tx, same))
    open_id = (await http.get("/jobs", params={"state": "available"})).json()["data"][0]["id"]
    said = await conflict(http.post(f"/jobs/{job_id}/retry"))
    assert said == f"the same work is open already, as job {open_id}"
    assert await audited(scene) == [], "and the transaction was still good for that"


async def test_a_kind_that_cannot_be_repeated_says_what_to_do_instead(http: httpx2.AsyncClient, scene: Scene) -> None:
    job_id = await scene.bury(what=RequestVideo(video_id="v1"))
    assert (await http.get(f"/jobs/{job_id}")).json()["repeatable"] is False
    said = await conflict(http.post(f"/jobs/{job_id}/retry"))
    assert said.startswith("a dead request_video is not tried again: its video has failed with it; POST /api/v1/videos")


async def test_a_kind_of_a_newer_version_waits_for_it(http: httpx2.AsyncClient, scene: Scene) -> None:
    job_id = await scene.bury()
    await scene.db.write(lambda tx: tx.execute(update(jobs).values(kind="newer")))
    assert (await http.get(f"/jobs/{job_id}")).json()["repeatable"] is False
    assert "does not know its kind" in await conflict(http.post(f"/jobs/{job_id}/retry"))


async def test_a_discarded_job_stays_with_its_reason_and_is_discarded_once(
    http: httpx2.AsyncClient, scene: Scene
) -> None:
    job_id = await scene.bury()
    answer = await http.post(f"/jobs/{job_id}/discard", json={"reason": "  made by hand\x00 "})
    job = answer.json()
    assert (answer.status_code, job["state"], job["discarded_reason"]) == (200, "dead", "made by hand")
    assert (job["error"]["code"], len(job["attempts"])) == ("refused", 1)
    again = await conflict(http.post(f"/jobs/{job_id}/discard", json={"reason": "other"}))
    assert again == f"job {job_id} was discarded already: made by hand"
    assert await conflict(http.post(f"/jobs/{job_id}/retry")) == f"job {job_id} was discarded: made by hand"
    assert await audited(scene) == [("job.discard", job_id, {"reason": "made by hand"})]


@pytest.mark.parametrize(
    "body", [{}, {"reason": ""}, {"reason": " \n"}, {"reason": "\x00"}, {"reason": "x" * 501}, {"reason": 5}]
)
async def test_a_discard_needs_a_reason(http: httpx2.AsyncClient, scene: Scene, body: dict[str, Any]) -> None:
    job_id = await scene.bury()
    answer = await http.post(f"/jobs/{job_id}/discard", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "wrong_input")
    assert (await http.post(f"/jobs/{job_id}/discard", json={"reason": "x" * 500})).status_code == 200


async def test_a_job_id_that_cannot_be_stored_finds_none_that_looks_like_it(
    http: httpx2.AsyncClient, scene: Scene
) -> None:
    job_id = await scene.bury()
    assert (await http.post(f"/jobs/{job_id}%00/retry")).status_code == 404
    assert await audited(scene) == []


async def test_dead_letters_are_retried_by_filter(http: httpx2.AsyncClient, scene: Scene) -> None:
    await scene.bury("busy", Failure("busy", "x", True))
    await scene.bury("refused")
    await scene.bury(what=ArchiveAsset(asset_id="a1", video_id="v1"))
    aside = await scene.bury("aside")
    await http.post(f"/jobs/{aside}/discard", json={"reason": "x"})

    async def retried(**which: str) -> list[str]:
        answer = await http.post("/jobs/retry", json=which)
        assert answer.status_code == 202
        now_open = await http.get("/jobs", params={"state": "available"})
        found = [job["payload"].get("location", job["kind"]) for job in now_open.json()["data"]]
        assert answer.json() == {"retried": len(found), "skipped": 0}
        await scene.db.write(bury_all)
        return found

    def bury_all(tx: Tx) -> None:
        for job in scene.queue.claim(tx, "w1", LEASE, 9):
            scene.queue.bury(
                tx, job, Failure("busy" if job.payload.get("location") == "busy" else "refused", "x", True)
            )

    assert await retried(code="busy") == ["busy"]
    assert await retried(kind="archive_asset") == await retried(video_id="v1") == ["archive_asset"]
    assert await retried(kind="archive_asset", code="busy") == []
    assert await retried() == ["archive_asset", "refused", "busy"]
    chosen = [entry[2]["chosen"] for entry in (await audited(scene))[1:]]
    assert chosen == [{"code": "busy"}, {"kind": "archive_asset"}, {"video_id": "v1"}, {}]


async def test_a_window_is_about_when_they_died(http: httpx2.AsyncClient, scene: Scene) -> None:
    ids = []
    for _ in range(3):
        ids.append(await scene.bury())
        scene.clock.move(3600)

    async def retried(since: int, until: int) -> int:
        edges = [rfc3339(scene.clock.now() + timedelta(hours=hours)) for hours in (since, until)]
        answer = await http.post("/jobs/retry", json={"since": edges[0], "until": edges[1]})
        return int(answer.json()["retried"])

    assert await retried(-9, -3) == 0, "the end is not part of it"
    assert await retried(-3, -2) == 1, "the beginning is"
    assert (await http.get(f"/jobs/{ids[0]}")).json()["state"] == "available"
    assert await retried(-3, 0) == 2


@pytest.mark.parametrize(
    "body", [{"since": "yesterday"}, {"since": "2026-11-22T12:00:00"}, {"status": "dead"}, {"kind": 5}, []]
)
async def test_a_filter_that_is_none_retries_nothing(http: httpx2.AsyncClient, scene: Scene, body: Any) -> None:
    await scene.bury()
    assert (await http.post("/jobs/retry", json=body)).status_code == 422
    assert await states(scene.db) == {"a": "dead"}


async def test_what_cannot_be_retried_is_skipped_and_counted(http: httpx2.AsyncClient, scene: Scene) -> None:
    same = ArchiveAsset(asset_id="a1", video_id="v1")
    older, newer = await scene.bury(what=same), await scene.bury(what=same)
    await scene.bury(what=RequestVideo(video_id="v1"))
    await scene.bury("a")
    assert (await http.post("/jobs/retry", json={})).json() == {"retried": 2, "skipped": 2}
    assert (await http.get(f"/jobs/{newer}")).json()["state"] == "available", "of the same work the newest"
    assert (await http.get(f"/jobs/{older}")).json()["state"] == "dead"
    (entry,) = await audited(scene)
    assert (entry[:2], len(entry[2]["jobs"])) == (("job.retry_chosen", None), 2)
    assert (await http.post("/jobs/retry", json={})).json() == {"retried": 0, "skipped": 2}
    assert len(await audited(scene)) == 1, "nothing was changed, so there is nothing to tell"


async def test_many_are_retried_a_few_at_a_time_and_each_once(
    http: httpx2.AsyncClient, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when some die again at once, or are gone before their turn comes."""
    monkeypatch.setattr(endpoints, "BATCH", 3)
    ids = [await scene.bury(f"j{number}") for number in range(8)]
    letters, sizes = DeadLetters.retry_each, []

    def retry_each(self: DeadLetters, tx: Tx, job_ids: list[str]) -> list[str]:
        sizes.append(len(job_ids))
        if len(sizes) == 1:
            tx.execute(jobs.delete().where(jobs.c.id == job_ids[0]))
        done = letters(self, tx, job_ids)
        tx.execute(update(jobs).where(jobs.c.id.in_(done)).values(state="dead"))
        return done

    monkeypatch.setattr(DeadLetters, "retry_each", retry_each)
    assert (await http.post("/jobs/retry", json={})).json() == {"retried": 7, "skipped": 1}
    assert sizes == [3, 3, 2]
    told = [job_id for entry in await audited(scene) for job_id in entry[2]["jobs"]]
    assert told == list(reversed(ids))[1:]


async def test_work_that_came_in_between_is_found_by_the_table_itself(scene: Scene) -> None:
    """Whatever was looked up before: the unique key decides, and spoils nothing else of the transaction."""
    same = ArchiveAsset(asset_id="a1", video_id="v1")
    first, other = await scene.bury(what=same), await scene.bury("b")

    def retry_both(tx: Tx) -> list[str]:
        scene.queue.add(tx, same)
        return DeadLetters(scene.clock).retry_each(tx, [first, other])

    assert await scene.db.write(retry_both) == [other]
    assert (await rows(scene.db))["b"].state == "available"

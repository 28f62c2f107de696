"""Each attempt at a job has one line, and what is logged on the way names the job and what it is about."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from reelhook import logs
from reelhook.db import Tx
from reelhook.errors import ReelhookError
from reelhook.jobs import Effect, Handler, Postpone, RetryPolicy
from reelhook.jobs.kinds import ApplyEvents, DeleteStored, FlagLate, Work
from reelhook.jobs.queue import Job
from reelhook.jobs.runner import Runner
from tests.conftest import START
from tests.ingest.conftest import database_url
from tests.jobs.scene import LEASE, Scene, do, work

__all__ = ["database_url"]  # one database is enough for what does not come from it

Lines = list[dict[str, Any]]
log = logs.get("jobs")


@pytest.fixture
def told() -> Iterator[Lines]:
    with capture_logs([merge_contextvars]) as lines:
        yield lines


async def attempt(scene: Scene, work: Work, run: Callable[[Any], Any] = do, *, late_s: float = 0) -> None:
    handler: Handler[Any] = Handler(run, RetryPolicy(attempts=3))
    await scene.db.write(lambda tx: scene.queue.add(tx, work))
    scene.clock.move(late_s)
    (job,) = await scene.db.write(lambda tx: scene.queue.claim(tx, "w1", LEASE, 9))
    await Runner(scene.db, scene.queue, scene.clock, scene.ids, {work.kind: handler}).attempt(job)


async def nothing(_: Work) -> None:
    return None


def attempts(told: Lines) -> Lines:
    return [line for line in told if line["event"] == "job.attempted"]


async def test_an_attempt_that_ends_well(scene: Scene, told: Lines) -> None:
    async def run(_: DeleteStored) -> Effect:
        scene.clock.move(0.25)
        logs.about(video_id="v1")
        return lambda tx: tx.after_commit(lambda: log.info("in.the.writer"))

    await attempt(scene, work(), run, late_s=2)
    (line,) = attempts(told)
    job_id = line.pop("job_id")
    assert line == {
        "event": "job.attempted", "log_level": "info", "kind": "delete_stored", "attempt": 1, "outcome": "done",
        "waited_ms": 2000.0, "ms": 250.0, "video_id": "v1",
    }  # fmt: skip
    (inside,) = [line for line in told if line["event"] == "in.the.writer"]
    assert (inside["job_id"], inside["video_id"]) == (job_id, "v1")


class Broken(ReelhookError):
    code, retryable = "broken", True


class Hopeless(ReelhookError):
    code = "hopeless"


@pytest.mark.parametrize(
    ("error", "outcome", "level", "why"),
    [
        (Broken("not now"), "retryable", "warning", ("broken", "not now", "time")),
        (Hopeless("never"), "dead", "error", ("hopeless", "never", "none")),
        (ZeroDivisionError("x"), "retryable", "warning", ("unexpected", "ZeroDivisionError: x", "time")),
        (Postpone(5, "later"), "postponed", "info", (None, None, None)),
    ],
)
async def test_an_attempt_that_does_not_says_why(
    scene: Scene, told: Lines, error: Exception, outcome: str, level: str, why: tuple[str | None, ...]
) -> None:
    async def run(_: DeleteStored) -> None:
        raise error

    await attempt(scene, work(), run)
    (line,) = attempts(told)
    assert (line["outcome"], line["log_level"]) == (outcome, level)
    assert (line.get("code"), line.get("error"), line.get("remedy")) == why


async def test_an_attempt_that_another_worker_has_taken_over_is_lost(scene: Scene, told: Lines) -> None:
    async def run(_: DeleteStored) -> None:
        def taken(tx: Tx) -> None:
            scene.clock.move(60)
            scene.queue.abandoned(tx, "w2", LEASE)

        await scene.db.write(taken)

    await attempt(scene, work(), run)
    assert [(line["outcome"], line["log_level"]) for line in attempts(told)] == [("lost", "warning")]


async def test_periodic_work_that_went_well_is_only_told_who_wants_to_know(scene: Scene, told: Lines) -> None:
    await attempt(scene, FlagLate(), nothing)
    assert [line["log_level"] for line in attempts(told)] == ["debug"]


@pytest.mark.parametrize(
    ("payload", "named"),
    [
        (ApplyEvents(event_ids=("e1",)).model_dump(mode="json"), {"event_id": "e1"}),
        (ApplyEvents(event_ids=("e1", "e2")).model_dump(mode="json"), {"event_ids": ["e1", "e2"]}),
        ({"video_id": "v1", "event_id": None, "asset_id": "a1", "other": 1}, {"video_id": "v1", "asset_id": "a1"}),
    ],
)
async def test_the_payload_names_what_it_is_about(
    scene: Scene, told: Lines, payload: dict[str, Any], named: dict[str, Any]
) -> None:
    runner = Runner(scene.db, scene.queue, scene.clock, scene.ids, {})
    await runner.attempt(Job("j1", "apply_events", payload, 1, 1, 1, START, START, START))
    (line,) = attempts(told)
    ids = {name: line[name] for name in line if name.endswith(("_id", "_ids")) and name != "job_id"}
    assert ids == named

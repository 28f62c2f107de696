"""Asking for a replay: one event, a filter or a time window; in batches, behind what HeyGen tells right now."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from reelhook.auth.principal import Principal, local_admin, of_key, of_person
from reelhook.db import Database
from reelhook.db.schema import prepare
from reelhook.db.tables import audit, events, jobs
from reelhook.errors import DatabaseUnavailable
from reelhook.inbox import replay as replay_module
from reelhook.inbox.replay import BATCH, BEHIND
from reelhook.inbox.selection import some
from reelhook.jobs.event_filter import EventFilter
from reelhook.kit.ids import Ids
from reelhook.kit.times import rfc3339
from tests.conftest import START, StillClock
from tests.plans import explained

from .replaying import Scene, told
from .test_endpoints import client_of


@pytest.fixture
def scene(db: Database, clock: StillClock, ids: Ids) -> Scene:
    return Scene(db, clock, ids)


async def posted(scene: Scene, path: str, body: Any = None, by: Principal | None = None) -> httpx2.Response:
    async with client_of(scene.db, by or local_admin(), scene.clock) as client:
        return await client.post(f"/api/v1/events{path}", json=body)


async def counted(scene: Scene, **which: str) -> int:
    async with client_of(scene.db, local_admin(), scene.clock) as client:
        return int((await client.get("/api/v1/events/count", params=which)).json()["events"])


async def replayed(scene: Scene) -> list[int]:
    return [event.replays for event in await scene.rows(events)]


async def test_one_event_is_asked_for_and_audited_together(scene: Scene) -> None:
    event_ids = await scene.applied(told(), told(video="hv2"))
    answer = await posted(scene, f"/{event_ids[1]}/replay")
    assert answer.status_code == 202
    assert (answer.json()["id"], answer.json()["replays"], "body" in answer.json()) == (event_ids[1], 0, False)
    assert await scene.work_off() == [event_ids[1:]]
    assert await replayed(scene) == [0, 1]
    (entry,) = await scene.rows(audit)
    assert (entry.actor, entry.action, entry.target) == ("local:local", "event.replay", event_ids[1])


async def test_an_unknown_event_is_404_and_leaves_no_trace(scene: Scene) -> None:
    answer = await posted(scene, "/none/replay")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert (await scene.rows(jobs), await scene.rows(audit)) == ([], [])


async def test_a_filter_says_how_many_it_means_and_is_audited(scene: Scene) -> None:
    await scene.applied(told(), told(video="hv2"), told("avatar_video.fail", "hv3"))
    answer = await posted(scene, "/replay", {"type": "avatar_video.success"})
    assert (answer.status_code, answer.json()) == (202, {"events": 2})
    await scene.work_off()
    assert await replayed(scene) == [1, 1, 0]
    (entry,) = await scene.rows(audit)
    assert (entry.action, entry.target) == ("events.replay", None)
    assert entry.data == {"events": 2, "type": "avatar_video.success"}


async def test_a_filter_that_means_nothing_makes_no_work(scene: Scene) -> None:
    await scene.applied(told())
    assert (await posted(scene, "/replay", {"state": "pending"})).json() == {"events": 0}
    assert await scene.next_replay() is None
    assert len(await scene.rows(audit)) == 1


WINDOW = [START + timedelta(seconds=seconds) for seconds in (2, 4)]


@pytest.mark.parametrize(
    ("which", "found"),
    [
        ({"type": "avatar_video.success"}, [1, 2, 3, 4]),
        ({"state": "ignored"}, [2, 5]),
        ({"state": "pending"}, []),
        ({"source": "reconcile"}, [5]),
        ({"since": rfc3339(WINDOW[0])}, [2, 3, 4, 5]),
        ({"until": rfc3339(WINDOW[1])}, [1, 2, 3]),
        ({"since": "2026-11-22T13:00:02+01:00", "until": rfc3339(WINDOW[1])}, [2, 3]),
        ({"since": "1066-10-14T09:00:00Z", "type": "avatar_video.fail"}, []),
        ({"video_id": "hv1"}, [1, 2]),
        ({"video_id": "h\0v"}, []),
        ({"type": "avatar_video.success", "state": "ignored"}, [2]),
    ],
)
async def test_filters_mean_the_same_for_counting_listing_and_replaying(
    which: dict[str, Any], found: list[int], scene: Scene
) -> None:
    event_ids = await scene.applied(told(), told(n=2), told(video="hv3"), told(video="hv4"))
    event_ids += await scene.applied(b"[]", source="reconcile", type="other")
    if which.get("video_id") == "hv1":
        which = {"video_id": (await scene.event(event_ids[0])).video_id}
    expected = [event_ids[number - 1] for number in found]
    async with client_of(scene.db, local_admin(), scene.clock) as client:
        listed = (await client.get("/api/v1/events", params=which)).json()["data"]
    assert [event["id"] for event in listed] == expected[::-1]
    assert await counted(scene, **which) == len(expected)
    assert (await posted(scene, "/replay", which)).json() == {"events": len(expected)}
    await scene.work_off()
    assert [event.id for event in await scene.rows(events) if event.replays] == expected


@pytest.mark.parametrize(
    ("body", "about"),
    [
        ({}, "give at least one of"),
        ({"type": None}, "give at least one of"),
        ({"kind": "x"}, "Extra inputs"),
        ({"state": "done"}, "'pending', 'applied' or 'ignored'"),
        ({"source": "moon"}, "'webhook', 'callback' or 'reconcile'"),
        ({"type": 1}, "valid string"),
        ({"type": "x" * 1001}, "at most 1000"),
        ({"since": "2026-11-22T12:00:00"}, "with its zone"),
        ({"since": "2026-11-22"}, "with its zone"),
        ({"since": "yesterday"}, "with its zone"),
        ({"since": "0001-01-01T00:00:00+14:00"}, "with its zone"),
        ({"since": 1_700_000_000}, "with its zone"),
        ({"since": "2026-11-22T12:00:00Z", "until": "2026-11-22T12:00:00Z"}, "since must be before until"),
        ([], "valid dictionary"),
    ],
)
async def test_a_wrong_filter_is_422_in_words_and_does_nothing(body: Any, about: str, scene: Scene) -> None:
    answer = await posted(scene, "/replay", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "wrong_input")
    assert about in answer.json()["detail"]
    assert (await scene.rows(jobs), await scene.rows(audit)) == ([], [])


@pytest.mark.parametrize("which", [{"source": "moon"}, {"since": "2026-11-22T12:00:00"}])
async def test_so_is_one_in_a_query(which: dict[str, str], scene: Scene) -> None:
    async with client_of(scene.db, local_admin(), scene.clock) as client:
        for path in ("", "/count"):
            assert (await client.get(f"/api/v1/events{path}", params=which)).status_code == 422


async def test_it_needs_its_scope(scene: Scene) -> None:
    (event_id,) = await scene.applied(told())
    reader = of_key("k", "reader", "operator", frozenset({"events:read"}))
    for by in (reader, of_person("p", "p@example.com", "viewer")):
        for path, body in ((f"/{event_id}/replay", None), ("/replay", {"state": "applied"})):
            assert (await posted(scene, path, body, by)).status_code == 403
    assert await scene.next_replay() is None


async def test_many_are_replayed_in_batches_one_job_after_the_other(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert BATCH == 256
    monkeypatch.setattr(replay_module, "BATCH", 3)
    event_ids = await scene.applied(*(told(video=f"hv{number}") for number in range(7)))
    assert await scene.ask(state="applied") == 7
    await scene.applied(told(video="came later"))
    assert await scene.work_off() == [(), event_ids[:3], event_ids[3:6], event_ids[6:]]
    assert await replayed(scene) == [1] * 7 + [0]


async def test_a_replay_that_changes_what_its_filter_means_misses_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay_module, "BATCH", 2)
    await scene.stored(*(told(video=f"hv{number}") for number in range(5)))
    assert await scene.ask(state="pending") == 5
    await scene.work_off()
    assert [(event.state, event.replays) for event in await scene.rows(events)] == [("applied", 1)] * 5


async def test_a_batch_that_was_interrupted_is_done_to_its_end(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay_module, "BATCH", 4)
    await scene.applied(*(told(video=f"hv{number}") for number in range(6)))
    await scene.ask(state="applied")
    begun = await scene.next_replay()
    assert begun is not None
    # It is killed before anything is settled: the rescuer gives the same job to somebody else.
    effect = await scene.handler()(begun[1])
    assert effect is not None
    await scene.db.write(effect)
    second = await scene.next_replay()
    assert second is not None
    await scene.replayed(*second[1].event_ids[:2], asked_at=second[1].asked_at)
    effect = await scene.handler()(second[1])
    assert effect is not None
    await scene.db.write(effect)
    await scene.work_off()
    assert await replayed(scene) == [1] * 6


async def test_what_heygen_tells_meanwhile_goes_first(scene: Scene) -> None:
    (event_id,) = await scene.applied(told())
    await scene.ask(state="applied")
    begun = await scene.db.write(lambda tx: scene.queue.claim(tx, "w", timedelta(seconds=30), 9))
    (replay,) = [job for job in begun if job.kind == "replay_events"]
    effect = await scene.handler()(replay.work())  # type: ignore[arg-type]
    assert effect is not None
    await scene.db.write(effect)
    await scene.stored(told(video="new"))
    claimed = await scene.db.write(lambda tx: scene.queue.claim(tx, "w", timedelta(seconds=30), 9))
    assert [job.kind for job in claimed] == ["apply_events", "replay_events"]
    assert claimed[1].payload["event_ids"] == [event_id]
    found = await scene.db.read(lambda conn: conn.execute(select(jobs).where(jobs.c.id == claimed[1].id)).one())
    assert found.deadline == claimed[1].work().asked_at + BEHIND  # type: ignore[attr-defined]


async def test_a_database_that_is_away_queues_nothing(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    await scene.applied(told())

    def away(*_: Any, **__: Any) -> None:
        raise DatabaseUnavailable("away", retry_after_s=5)

    monkeypatch.setattr(scene.replays._audit, "record", away)
    with pytest.raises(DatabaseUnavailable):
        await scene.ask(state="applied")
    assert await scene.next_replay() is None


@pytest.mark.parametrize("which", [{"type": "a"}, {"state": "applied"}, {"source": "webhook"}, {"video_id": "v"}])
def test_each_batch_of_a_long_replay_begins_where_the_last_one_ended(which: dict[str, str], tmp_path: Path) -> None:
    """No batch may sort all that matches: of many batches each would look at everything again."""
    database = Database(f"sqlite:///{tmp_path / 'plan.db'}")
    database.migrate(prepare)
    with explained(database) as plans:
        database.write_now(lambda tx: some(tx.conn, EventFilter(**which), after="a", up_to="b", limit=9))
    database.close()
    ((plan,),) = plans
    assert "id>? AND id<?" in plan

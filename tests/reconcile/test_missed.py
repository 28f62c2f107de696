"""The missed-webhook rate: what never came, against all that should have."""

from datetime import timedelta

from sqlalchemy import text

from reelhook.events import parse
from reelhook.heygen import RemoteStatus, of_answer
from reelhook.reconcile.asking import accept
from reelhook.reconcile.missed import Missed, missed, never_came
from tests.conftest import START
from tests.reconcile.scene import HOUR, SUCCESS, Scene

DAY = 24 * HOUR
ONE = (SUCCESS, "v1")


def at(minute: float) -> tuple[tuple[str, str | None], object]:
    return ONE, START + timedelta(minutes=minute)


def test_what_comes_after_it_was_found_was_late_and_not_missed() -> None:
    assert never_came([at(5)], []) == 1
    assert never_came([at(5)], [at(4)]) == 1
    assert never_came([at(5)], [at(6)]) == 0
    assert never_came([at(5)], [((SUCCESS, "v2"), START + timedelta(hours=1))]) == 1


def test_each_that_comes_excuses_one() -> None:
    assert never_came([at(5), at(7)], [at(8)]) == 1
    assert never_came([at(7), at(5)], [at(8), at(6)]) == 0


def test_nothing_at_all_is_a_rate_of_zero() -> None:
    assert Missed(0, 0).shown() == {"days": 7, "received": 0, "missed": 0, "rate": 0.0}
    assert Missed(3, 1).rate == 0.25


async def find(scene: Scene, heygen_id: str = "hg-1", event_id: str | None = None) -> None:
    """What reconcile does when it finds that an event is missing."""
    body = of_answer("avatar_video", heygen_id, RemoteStatus("completed", "completed"), "ours")
    assert body is not None
    if event_id is not None:
        body = body[:-1] + f',"event_id":"{event_id}"}}'.encode()
    assert await accept(scene.inbox, scene.clock, body, parse(body))


async def numbers(scene: Scene) -> tuple[int, int]:
    shown = await scene.db.read(lambda conn: missed(conn, scene.clock.now()))
    return shown.received, shown.missed


async def test_what_was_found_and_never_came_is_missed(scene: Scene) -> None:
    await scene.delivered(video_id="hg-2")
    await scene.delivered(video_id="hg-2", hint_for=await scene.video("hg-2"), n=1)
    await find(scene)
    assert await numbers(scene) == (2, 1)


async def test_a_late_webhook_without_an_id_excuses_it(scene: Scene) -> None:
    await find(scene)
    scene.clock.move(1)
    await scene.delivered()
    assert await numbers(scene) == (1, 0)


async def test_a_late_webhook_with_the_same_id_excuses_it_too(scene: Scene) -> None:
    await find(scene, event_id="e1")
    assert await numbers(scene) == (0, 1)
    await scene.delivered(event_id="e1")
    assert await numbers(scene) == (1, 0)


async def test_an_earlier_webhook_of_the_same_sort_excuses_nothing(scene: Scene) -> None:
    await scene.delivered()
    scene.clock.move(1)
    await find(scene)
    assert await numbers(scene) == (1, 1)


async def test_only_the_last_days_count(scene: Scene) -> None:
    await scene.delivered(video_id="old")
    await find(scene, "old-2")
    scene.clock.move(7 * DAY + 1)
    await scene.delivered()
    assert await numbers(scene) == (1, 0)


async def test_the_index_of_what_was_found_serves(scene: Scene) -> None:
    if not scene.db.is_sqlite:
        return  # with few rows Postgres reads them all
    query = "EXPLAIN QUERY PLAN SELECT id FROM events WHERE events.id >= 'x' AND events.source = 'reconcile'"
    plan = await scene.db.read(lambda conn: str(conn.execute(text(query)).fetchall()))
    assert "events_reconciled" in plan

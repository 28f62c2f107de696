"""What is said of our promises is what happened: each way to break one counts against it, and against no other."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from reelhook.analytics import objectives_router
from reelhook.analytics.objectives import GAVE_UP, UNACKNOWLEDGED
from reelhook.api import create_api
from reelhook.auth.principal import of_key
from reelhook.errors import ReelhookError
from reelhook.inbox.reasons import REASONS
from reelhook.ingest import FrontDoor
from reelhook.reconcile import endings
from tests.analytics.past import SECOND, Past
from tests.conftest import START, StillClock

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite alone: that sums are the same on Postgres is seen where numbers are asked for."""
    return f"sqlite:///{tmp_path / 'reelhook.db'}"


@pytest.fixture
async def http(past: Past) -> AsyncIterator[httpx2.AsyncClient]:
    app = create_api(objectives_router(past.db, past.clock))

    async def let_in(scope: Any, receive: Any, send: Any) -> None:
        scope["state"] = {"principal": of_key("k", "builder", "operator", None)}
        await app(scope, receive, send)

    transport = httpx2.ASGITransport(app=let_in, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://us") as client:
        yield client


async def asked(http: httpx2.AsyncClient) -> dict[str, Any]:
    answer = await http.get("/api/v1/objectives")
    assert answer.status_code == 200, answer.text
    return {one["name"]: one for one in answer.json()["data"]}


def bad(found: dict[str, Any], name: str) -> list[tuple[int, int]]:
    return [(window["bad"], window["total"]) for window in found[name]["windows"]]


async def test_each_window_holds_what_was_not_kept_in_it(http: httpx2.AsyncClient, past: Past) -> None:
    for days in (0.5, 3, 20, 40):
        past.delivered(past.event(START - days * DAY), START - days * DAY)
        past.event(START - days * DAY, applied_s=6)
        past.event(START - days * DAY, applied_s=None)
        past.video(START - days * DAY)
        past.expired(START - days * DAY)
        past.recovered(START - days * DAY)
        past.failed(START - days * DAY, "gave_up_waiting", by="reelhook")
    past.rejected(START - 3 * DAY, "database_unavailable", 2)
    past.rejected(START - 3 * DAY, "wrong_secret", 100)  # was refused for what it is
    await past.write()
    await past.count_what_was()
    found = await asked(http)
    assert [window["days"] for window in found["acknowledged"]["windows"]] == [30, 7, 1]
    assert bad(found, "acknowledged") == [(2, 14), (2, 10), (0, 4)]
    assert bad(found, "applied") == [(6, 12), (4, 8), (2, 4)]
    assert bad(found, "shown") == [(3, 9), (2, 6), (1, 3)]
    assert bad(found, "archived") == bad(found, "recovered") == [(3, 6), (2, 4), (1, 2)]
    assert found["acknowledged"]["against"] == [{"reason": "database_unavailable", "count": 2}]
    assert found["applied"]["against"] == [{"reason": "slow", "count": 3}, {"reason": "not_applied", "count": 3}]
    day = found["shown"]["windows"][2]
    assert abs(day["p99_ms"] / 6000 - 1) < 0.05
    assert day["share"] == pytest.approx(2 / 3)
    assert day["budget_left"] == pytest.approx(1 - (1 / 3) / 0.01)
    assert found["archived"]["windows"][2]["budget_left"] is None  # nothing at all may be lost


async def test_nothing_happened_breaks_no_promise(http: httpx2.AsyncClient) -> None:
    for one in (await asked(http)).values():
        for window in one["windows"]:
            assert (window["total"], window["bad"], window["share"], window["budget_left"]) == (0, 0, None, None)


async def test_what_has_just_come_is_on_its_way_and_not_late(
    http: httpx2.AsyncClient, past: Past, clock: StillClock
) -> None:
    past.event(START + 10 * SECOND, applied_s=None)
    await past.write()
    clock.move(14)
    assert bad(await asked(http), "applied")[2] == (0, 0)
    clock.move(2)
    assert bad(await asked(http), "applied")[2] == (1, 1)


async def test_what_nobody_could_have_kept_counts_against_nobody(http: httpx2.AsyncClient, past: Past) -> None:
    past.expired(START - HOUR, code="heygen_says_failed")
    past.expired(START - HOUR, role="gif")
    past.failed(START - HOUR, "moderation")
    past.event(START - HOUR, source="callback", applied_s=None)  # a hint that nobody can confirm
    await past.write()
    await past.count_what_was()
    found = await asked(http)
    for name in ("archived", "recovered", "applied", "shown"):
        assert bad(found, name)[2] == (0, 0), name


def test_unacknowledged_is_what_the_doors_answer_with_503() -> None:
    assert FrontDoor  # whose errors are these
    assert set(UNACKNOWLEDGED) == {code for code in _codes(ReelhookError, 503) if code in REASONS}


def test_given_up_has_the_name_that_reconciliation_gives_it() -> None:
    assert GAVE_UP[1] == endings.GAVE_UP


def _codes(kind: type[ReelhookError], status: int) -> set[str]:
    own = {kind.code} if kind.status == status else set()
    return own.union(*(_codes(each, status) for each in kind.__subclasses__()))

"""What the API says of the numbers: sums, changes, days of somebody's zone, files, and who may ask."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import insert
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from reelhook.analytics import router
from reelhook.api import create_api
from reelhook.auth.principal import of_key
from reelhook.db import tables as t
from reelhook.kit.times import rfc3339
from tests.analytics.past import SECOND, Past
from tests.conftest import START, StillClock

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Caller:
    def __init__(self, past: Past) -> None:
        self.role = "operator"
        self.app = create_api(router(past.db, past.clock))

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        scope["state"] = {"principal": of_key("k", "builder", self.role, None)}  # type: ignore[arg-type]
        await self.app(scope, receive, send)


@pytest.fixture
def caller(past: Past) -> Caller:
    return Caller(past)


@pytest.fixture
async def http(caller: Caller) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=caller, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://us/api/v1/analytics") as client:
        yield client


async def asked(http: httpx2.AsyncClient, path: str, status: int = 200, **query: Any) -> Any:
    named = {{"start": "from"}.get(name, name): value for name, value in query.items()}
    shown = {name: rfc3339(value) if isinstance(value, datetime) else value for name, value in named.items()}
    answer = await http.get(path, params=shown)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.headers["content-type"].endswith("json") else answer.text


async def test_a_summary_says_what_is_kept_and_what_happens_now_and_what_was_before(
    http: httpx2.AsyncClient, past: Past, clock: StillClock
) -> None:
    for days in (1, 2, 3, 4, 5, 8):
        event_id = past.event(START - days * DAY)
        past.video(START - days * DAY, render_s=100)
    past.delivered(event_id, START - 3 * DAY)
    past.rejected(START - 2 * DAY, "unsigned", 4)
    past.recovered(START - DAY)
    past.failed(START - DAY)
    await past.write()
    await past.count_what_was()
    past.event(START + 10 * SECOND)  # in an hour that is not over
    await past.write()
    clock.move(60)
    found = await asked(http, "/summary", start=START - 7 * DAY)
    assert found["counted_until"] == rfc3339(START + HOUR)
    now, before = found["now"], found["before"]
    assert {name: now["metrics"][name]["count"] for name in ("accepted", "duplicates", "rejected", "recovered")} == {
        "accepted": 6,
        "duplicates": 1,
        "rejected": 4,
        "recovered": 1,
    }
    assert now["metrics"]["stored"] == {"count": 5, "bytes": 5000}
    assert abs(now["metrics"]["render_time"]["p95_ms"] / 100_000 - 1) < 0.05
    assert now["rates"] == {"taken": 7 / 11, "missed": 1 / 7, "failed": 1 / 6}
    assert before["metrics"]["accepted"] == {"count": 1}
    assert before["rates"]["failed"] == 0
    nothing = await asked(http, "/summary", start=START - 100 * DAY, to=START - 90 * DAY)
    assert nothing["now"]["rates"] == {"taken": None, "missed": None, "failed": None}
    assert nothing["now"]["metrics"]["render_time"] == {"count": 0, "p50_ms": None, "p95_ms": None}


@pytest.mark.parametrize(
    ("midnights", "hours"),
    [
        # In Berlin the clocks go back on 25 October 2026 and forward on 29 March.
        (("2026-10-23T22:00", "2026-10-24T22:00", "2026-10-25T23:00"), (24, 25)),
        (("2026-03-27T23:00", "2026-03-28T23:00", "2026-03-29T22:00"), (24, 23)),
    ],
)
async def test_a_day_is_as_long_as_it_is_where_somebody_lives(
    http: httpx2.AsyncClient, past: Past, midnights: tuple[str, ...], hours: tuple[int, ...]
) -> None:
    begins = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in midnights]
    hour = begins[0]
    while hour < begins[-1]:
        await past.put(hour, "accepted", 1)
        hour += HOUR
    await past.skip_to(START)
    span = {"start": begins[0], "to": begins[-1], "metric": "accepted"}
    found = await asked(http, "/series", **span, time_zone="Europe/Berlin")
    points = found["data"][0]["points"]
    assert points == [{"at": rfc3339(at), "count": n} for at, n in zip(begins[:-1], hours, strict=True)]
    by_hour = await asked(http, "/series", **span, step="hour")
    assert [point["count"] for point in by_hour["data"][0]["points"]] == [1] * sum(hours)
    (week,) = (await asked(http, "/series", **span, step="week", time_zone="Europe/Berlin"))["data"][0]["points"][:1]
    assert week["count"] == sum(hours)


async def test_an_hour_that_midnight_cuts_belongs_to_the_day_it_begins_in(http: httpx2.AsyncClient, past: Past) -> None:
    past.event(datetime(2026, 11, 20, 18, 45, tzinfo=UTC))  # 00:15 of the 21st in Kolkata; its hour began at 23:30
    await past.write()
    await past.count_what_was()
    span = {"start": START - 3 * DAY, "to": START, "metric": "accepted", "time_zone": "Asia/Kolkata"}
    points = (await asked(http, "/series", **span))["data"][0]["points"]
    assert {point["at"]: point["count"] for point in points if point["count"]} == {"2026-11-19T18:30:00.000Z": 1}


async def test_parts_are_shown_the_largest_first_and_as_a_file_without_formulas(
    http: httpx2.AsyncClient, past: Past
) -> None:
    past.event(START - HOUR, type="=HYPERLINK(1)")
    for _ in range(2):
        past.event(START - HOUR)
        past.video(START - HOUR)
    await past.write()
    await past.count_what_was()
    found = await asked(http, "/breakdown", metric="accepted")
    assert [(part["name"], part["count"]) for part in found["data"]] == [
        ("avatar_video.success", 2),
        ("=HYPERLINK(1)", 1),
    ]
    file = await asked(http, "/breakdown", metric="accepted", format="csv")
    assert file.splitlines()[::2] == ["name,detail,count,p50_ms,p95_ms,bytes,seconds", "'=HYPERLINK(1),webhook,1,,,,"]
    series = await asked(http, "/series", metric="stored", start=START - DAY, format="csv")
    assert series.splitlines()[-1].startswith("stored,2026-11-22T00:00:00.000Z,2,,,2000,")


async def test_usage_is_by_who_asked(http: httpx2.AsyncClient, past: Past) -> None:
    person = {"id": "p", "email": "ada@example.com", "role": "admin", "created_at": START}
    await past.db.write(lambda tx: tx.execute(insert(t.people).values(**person)) and None)
    for actor in ("key:k", "person:p", "key:k"):
        row = {"at": START - HOUR, "actor": actor, "action": "video.create", "data": {}}
        await past.db.write(lambda tx, row=row: tx.execute(insert(t.audit).values(**row)) and None)  # type: ignore[misc]
    assert (await asked(http, "/usage"))["data"] == [
        {"actor": "key:k", "name": None, "videos": 2},
        {"actor": "person:p", "name": "ada@example.com", "videos": 1},
    ]
    assert (await asked(http, "/usage", format="csv")).splitlines()[1:] == [
        "key:k,,2",
        "person:p,ada@example.com,1",
    ]


async def test_live_counters_are_of_this_moment(http: httpx2.AsyncClient, past: Past) -> None:
    past.video(START)
    past.event(START)
    past.event(START - HOUR)
    await past.write()
    found = await asked(http, "/live")
    assert found["videos"] == {"ready": 1}
    assert found["jobs"] == {}
    assert found["this_hour"] == {"accepted": 1, "duplicates": 0, "rejected": 0, "recovered": 0}


@pytest.mark.parametrize(
    ("path", "query", "says"),
    [
        ("/series", {"metric": "profit"}, "metric must be one of"),
        ("/breakdown", {"metric": "profit"}, "metric must be one of"),
        ("/series", {"metric": "asked", "time_zone": "Mars/Base"}, "time_zone must be a name"),
        ("/series", {"metric": "asked", "time_zone": "../etc/passwd"}, "time_zone must be a name"),
        ("/series", {"metric": "asked", "step": "hour", "start": START - 50 * DAY}, "more than 1000 points"),
        ("/summary", {"start": START, "to": START}, "from must be earlier"),
        ("/summary", {"start": START - 800 * DAY}, "732 days apart at most"),
        ("/summary", {"start": datetime(1, 1, 1, 1, tzinfo=UTC), "to": datetime(1, 2, 1, tzinfo=UTC)}, "of our time"),
    ],
)
async def test_what_cannot_be_answered_is_refused_in_words(
    http: httpx2.AsyncClient, path: str, query: dict[str, Any], says: str
) -> None:
    assert says in (await asked(http, path, 422, **query))["detail"]


async def test_a_viewer_is_shown_no_numbers(http: httpx2.AsyncClient, caller: Caller) -> None:
    caller.role = "viewer"
    for path in ("/summary", "/series?metric=asked", "/breakdown?metric=asked", "/usage", "/live"):
        await asked(http, path, 403)

"""What was refused as operators read it: lists, one in full, and the counts."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from reelhook.api import create_api
from reelhook.auth.principal import Principal, local_admin, local_scraper
from reelhook.db import Database
from reelhook.events.diagnosis import REASONS as DIAGNOSED
from reelhook.inbox import Rejections
from reelhook.inbox.reasons import OTHER, REASONS, reason
from reelhook.inbox.rejection_endpoints import router
from reelhook.kit.ids import Ids
from tests.conftest import StillClock

from .test_endpoints import known
from .test_rejections import rejection

PATH = "/api/v1/rejections"


def client_of(db: Database, clock: StillClock, principal: Principal) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=known(create_api(router(db, clock)), principal))
    return httpx2.AsyncClient(transport=transport, base_url="http://reelhook")


@pytest.fixture
async def client(db: Database, clock: StillClock) -> AsyncIterator[httpx2.AsyncClient]:
    async with client_of(db, clock, local_admin()) as client:
        yield client


@pytest.fixture
def kept(db: Database, clock: StillClock, ids: Ids) -> Rejections:
    return Rejections(db, clock, ids)


async def keep(kept: Rejections, clock: StillClock, **other: Any) -> None:
    clock.move(1)
    await kept.keep(rejection(at=clock.now(), **other))


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["4", "3", "2", "1"]),
        ({"reason": "no_signature"}, ["3", "2"]),
        ({"endpoint": "callback"}, ["4"]),
        ({"remote": "192.0.2.1"}, ["4", "1"]),
        ({"remote": "192.0.2.0/24"}, ["4", "2", "1"]),
        ({"remote": "2001:db8::/32"}, ["3"]),
        ({"remote": "192.0.2.0/24", "limit": 1}, ["4"]),
        ({"remote": "203.0.113.0/24"}, []),
        ({"since": "2026-11-22T12:00:02Z", "until": "2026-11-22T12:00:04Z"}, ["3", "2"]),
    ],
)
async def test_rejections_are_found_by_reason_door_time_and_network(
    wanted: dict[str, Any], found: list[str], client: httpx2.AsyncClient, kept: Rejections, clock: StillClock
) -> None:
    await keep(kept, clock, body=b"1")
    await keep(kept, clock, body=b"2", reason="no_signature", remote="::ffff:192.0.2.2")
    await keep(kept, clock, body=b"3", reason="no_signature", remote="2001:db8::7")
    await keep(kept, clock, body=b"4", endpoint="callback")
    listed = (await client.get(PATH, params=wanted)).json()["data"]
    assert [one["body"] for one in listed] == found


async def test_a_network_is_found_however_far_back_and_in_pages(
    client: httpx2.AsyncClient, kept: Rejections, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reelhook.inbox.refused.READ_AT_ONCE", 3)
    for number in range(12):
        await keep(kept, clock, body=b"%d" % number, remote=f"192.0.2.{number % 4}")
    which = {"remote": "192.0.2.1", "limit": "2"}
    first = (await client.get(PATH, params=which)).json()
    second = (await client.get(PATH, params=which | {"cursor": first["next_cursor"]})).json()
    assert [[one["body"] for one in page["data"]] for page in (first, second)] == [["9", "5"], ["1"]]
    assert second["next_cursor"] is None


@pytest.mark.parametrize("remote", ["here", "192.0.2.0/40", ""])
async def test_what_is_no_network_is_refused(remote: str, client: httpx2.AsyncClient) -> None:
    answer = await client.get(PATH, params={"remote": remote})
    assert (answer.status_code, answer.json()["code"]) == (422, "wrong_input")
    assert "like 192.0.2.7" in answer.json()["detail"]


async def test_one_is_shown_in_full_with_what_to_do(
    client: httpx2.AsyncClient, kept: Rejections, clock: StillClock
) -> None:
    await keep(kept, clock, body=b"\xfflate", reason="no_signature")
    (listed,) = (await client.get(PATH)).json()["data"]
    one = (await client.get(f"{PATH}/{listed['id']}")).json()
    assert one == listed | {
        "advice": REASONS["no_signature"].advice,
        "body_base64": base64.b64encode(b"\xfflate").decode(),
        "kept_bytes": 5,
    }
    assert (one["title"], one["bytes"], one["status"]) == ("No signature", 5, 401)
    assert ["authorization", "***"] in one["headers"]
    assert (await client.get(f"{PATH}/none")).status_code == 404


async def test_counts_are_by_hour_with_the_sum_of_each_reason(
    client: httpx2.AsyncClient, kept: Rejections, clock: StillClock
) -> None:
    for endpoint, code, times in (("heygen", "wrong_secret", 1), ("heygen", "no_signature", 12), ("callback", "x", 1)):
        for _ in range(times):
            await kept.keep(rejection(endpoint=endpoint, reason=code))
    await kept.counts.flush()
    clock.move(3600)
    await keep(kept, clock)
    await kept.counts.flush()
    told = (await client.get(f"{PATH}/counts")).json()
    assert [(one["hour"][11:13], one["reason"], one["refused"], one["kept"]) for one in told["data"]] == [
        ("12", "no_signature", 12, 10),
        ("12", "wrong_secret", 1, 1),
        ("12", "x", 1, 1),
        ("13", "wrong_secret", 1, 1),
    ]
    assert [(one["reason"], one["title"], one["refused"]) for one in told["reasons"]] == [
        ("no_signature", "No signature", 12),
        ("wrong_secret", REASONS["wrong_secret"].title, 2),
        ("x", OTHER.title, 1),
    ]
    before = {"since": "2026-11-22T10:30:00Z", "until": "2026-11-22T12:00:00Z"}
    assert (await client.get(f"{PATH}/counts", params=before)).json()["data"] == []
    hour = {"since": "2026-11-22T12:59:00Z", "until": "2026-11-22T13:00:00Z"}
    assert len((await client.get(f"{PATH}/counts", params=hour)).json()["data"]) == 3


@pytest.mark.parametrize(
    "window", [{"since": "2026-10-01T00:00:00Z"}, {"since": "2026-11-22T00:00:00Z", "until": "2026-11-21T00:00:00Z"}]
)
async def test_a_window_too_long_or_turned_around_is_refused(
    window: dict[str, str], client: httpx2.AsyncClient
) -> None:
    answer = await client.get(f"{PATH}/counts", params=window)
    assert (answer.status_code, answer.json()["code"]) == (422, "wrong_input")


@pytest.mark.parametrize("path", [PATH, f"{PATH}/counts", f"{PATH}/x"])
async def test_they_need_their_scope(path: str, db: Database, clock: StillClock) -> None:
    async with client_of(db, clock, local_scraper()) as client:
        assert (await client.get(path)).status_code == 403


def test_every_diagnosis_has_its_words() -> None:
    assert set(DIAGNOSED) <= set(REASONS)
    assert reason("of_another_version") is OTHER


def test_the_documentation_shows_the_same_table() -> None:
    text = (Path(__file__).parents[2] / "docs" / "front-door.md").read_text()
    rows = [line for line in text.partition("## Every reason")[2].splitlines() if line.startswith("| `")]
    assert rows == [f"| `{code}` | {one.title} | {one.advice} |" for code, one in REASONS.items()]

"""Events as operators read them."""

import base64
from collections.abc import AsyncIterator

import httpx2
import pytest
from sqlalchemy import delete
from starlette.types import ASGIApp, Receive, Scope, Send

from reelhook.api import create_api
from reelhook.auth import Audit
from reelhook.auth.principal import Principal, local_admin, local_scraper
from reelhook.db import Database, Tx
from reelhook.db.tables import event_keys
from reelhook.inbox import Inbox, Replays
from reelhook.inbox.applying import settle
from reelhook.inbox.endpoints import router
from reelhook.jobs import Queue
from reelhook.kit.ids import Ids
from reelhook.videos import Lifecycle, State
from tests.conftest import StillClock

from .conftest import arrival


def known(app: ASGIApp, principal: Principal) -> ASGIApp:
    """*app* behind a gate that lets everybody in as *principal*."""

    async def gate(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "state": {"principal": principal}}, receive, send)

    return gate


def client_of(db: Database, principal: Principal, clock: StillClock | None = None) -> httpx2.AsyncClient:
    clock = clock or StillClock()
    replays = Replays(db, clock, Queue(clock, Ids(clock)), Audit(db, clock))
    transport = httpx2.ASGITransport(app=known(create_api(router(db, replays)), principal))
    return httpx2.AsyncClient(transport=transport, base_url="http://reelhook")


@pytest.fixture
async def client(db: Database) -> AsyncIterator[httpx2.AsyncClient]:
    async with client_of(db, local_admin()) as client:
        yield client


async def test_an_event_shows_everything_that_is_known_of_it(
    client: httpx2.AsyncClient, inbox: Inbox, db: Database
) -> None:
    first = arrival(b'{"a":1}\xff', event_id="e1", resource_id="hv1", remote="192.0.2.1", signature_header="signature")
    receipt = await inbox.accept(first)
    await inbox.accept(arrival(b'{"a":1}\xff', remote="192.0.2.2"))
    await db.write(
        lambda tx: settle(tx, receipt.event_id, "applied", "rendered", StillClock(), video_id="v1", since=None)
    )
    event = (await client.get(f"/api/v1/events/{receipt.event_id}")).json()
    assert event == {
        "id": receipt.event_id,
        "type": "avatar_video.success",
        "resource_id": "hv1",
        "video_id": "v1",
        "event_id": "e1",
        "source": "webhook",
        "state": "applied",
        "verdict": "rendered",
        "received_at": "2026-11-22T12:00:00.000Z",
        "applied_at": "2026-11-22T12:00:00.000Z",
        "duplicates": 1,
        "replays": 0,
        "replayed_at": None,
        "replay_verdict": None,
        "bytes": 8,
        "endpoint": first.endpoint,
        "body": '{"a":1}\N{REPLACEMENT CHARACTER}',
        "body_base64": base64.b64encode(first.body).decode(),
        "headers": [["content-type", "application/json"]],
        "attempts": [
            {
                "at": "2026-11-22T12:00:00.000Z",
                "remote": "192.0.2.1",
                "signature": "signature",
                "duplicate": False,
            },
            {"at": "2026-11-22T12:00:00.000Z", "remote": "192.0.2.2", "signature": None, "duplicate": True},
        ],
        "keys": [{"key": key, "kept": True, "event_id": receipt.event_id} for key in first.keys],
        "changed": [],
    }


async def test_an_event_tells_what_it_changed_and_by_what_a_repeat_would_be_known(
    client: httpx2.AsyncClient, inbox: Inbox, db: Database, clock: StillClock, ids: Ids
) -> None:
    came = arrival(b"{}", event_id="e1")
    receipt = await inbox.accept(came)
    lifecycle = Lifecycle(clock, ids, Queue(clock, ids))

    def happened(tx: Tx) -> None:
        made = {"kind": "avatar_video", "store": "local", "message": "made", "state": State.RENDERING}
        video_id = lifecycle.create(tx, **made)  # type: ignore[arg-type]
        data = {"cause": receipt.event_id}
        lifecycle.transition(tx, video_id, State.RENDERED, "HeyGen finished rendering", data=data)
        settle(tx, receipt.event_id, "applied", "rendered", StillClock(), video_id=video_id, since=None)
        tx.execute(delete(event_keys).where(event_keys.c.key == came.keys[1]))

    await db.write(happened)
    event = (await client.get(f"/api/v1/events/{receipt.event_id}")).json()
    assert [(entry["state"], entry["message"]) for entry in event["changed"]] == [
        ("rendered", "HeyGen finished rendering")
    ]
    assert [key["kept"] for key in event["keys"]] == [True, False]


async def test_an_unknown_event_is_404(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/api/v1/events/none")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_events_come_newest_first_in_pages(client: httpx2.AsyncClient, inbox: Inbox, clock: StillClock) -> None:
    made = []
    for number in range(5):
        clock.move(1)
        made.append((await inbox.accept(arrival(str(number).encode()))).event_id)
    first = (await client.get("/api/v1/events", params={"limit": 3})).json()
    second = (await client.get("/api/v1/events", params={"limit": 3, "cursor": first["next_cursor"]})).json()
    assert [event["id"] for event in first["data"] + second["data"]] == made[::-1]
    assert second["next_cursor"] is None
    assert "body" not in first["data"][0]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [({"type": "a"}, ["1"]), ({"state": "pending"}, ["2", "1"]), ({"video_id": "v2"}, ["2"]), ({"type": "c"}, [])],
)
async def test_events_are_found_by_type_state_and_video(
    wanted: dict[str, str], found: list[str], client: httpx2.AsyncClient, inbox: Inbox, clock: StillClock
) -> None:
    await inbox.accept(arrival(b"1", type="a", resource_id="1"))
    clock.move(1)
    await inbox.accept(arrival(b"2", type="b", resource_id="2", video_id="v2"))
    listed = (await client.get("/api/v1/events", params=wanted)).json()["data"]
    assert [event["resource_id"] for event in listed] == found


@pytest.mark.parametrize("path", ["/api/v1/events", "/api/v1/events/x"])
async def test_they_need_their_scope(path: str, db: Database) -> None:
    async with client_of(db, local_scraper()) as client:
        assert (await client.get(path)).status_code == 403


async def test_events_are_found_by_every_id_that_people_have_of_them(
    client: httpx2.AsyncClient, inbox: Inbox, db: Database, clock: StillClock, ids: Ids
) -> None:
    receipt = await inbox.accept(arrival(b"1", event_id="e1", resource_id="hv1"))
    await inbox.accept(arrival(b"2", event_id="e2", resource_id="hv2"))
    lifecycle = Lifecycle(clock, ids, Queue(clock, ids))

    def knows(tx: Tx) -> str:
        made = {"kind": "avatar_video", "store": "local", "message": "m", "state": State.RENDERING}
        video_id = lifecycle.create(tx, heygen_video_id="hv-of-video", **made)  # type: ignore[arg-type]
        settle(tx, receipt.event_id, "applied", "rendered", StillClock(), video_id=video_id, since=None)
        return video_id

    video_id = await db.write(knows)
    for name in (receipt.event_id, "e1", "hv1", video_id, "hv-of-video", " hv1 "):
        found = (await client.get("/api/v1/events", params={"q": name})).json()["data"]
        assert [event["id"] for event in found] == [receipt.event_id], name
    assert (await client.get("/api/v1/events", params={"q": "nobody"})).json()["data"] == []

"""Viewers, viewer keys and stream tokens see their own videos alone, by every door. The doors are read off the OpenAPI
document, so that a new one is tried too."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import insert

from reelhook.app import Service
from reelhook.auth import local_admin
from reelhook.auth.permissions import Permission, table
from reelhook.db import Tx
from reelhook.db.tables import assets
from reelhook.videos import State
from tests.conftest import eventually
from tests.house.test_permissions import service
from tests.ingest.serving import served

__all__ = ["service"]

# What a viewer may ask about one video, and what to send.
BODIES: dict[str, dict[str, str]] = {
    "/api/v1/videos/{video_id}/seen": {"browser": "browser-1"},
    "/api/v1/videos/{video_id}/links": {},
}
SEEN = {200, 201, 204}


@dataclass
class Owner:
    """Somebody with one video, one stored file, and every credential they can have."""

    subject: str
    video_id: str
    asset_id: str
    clients: dict[str, httpx2.AsyncClient]


async def owner(service: Service, port: int, name: str, folder: Path) -> Owner:
    """A viewer key; its videos are those with its id as subject. A token and a narrow token for the same subject."""
    access = service.parts.access
    key = await access.keys.create(local_admin(), name, "viewer")
    asset_id = service.parts.ids.new()
    location = f"{asset_id[-2:]}/{asset_id}.mp4"
    (folder / location).parent.mkdir(parents=True, exist_ok=True)
    (folder / location).write_bytes(b"film of " + name.encode())

    def work(tx: Tx) -> str:
        made = {"kind": "avatar_video", "store": "local", "message": "Made", "state": State.READY}
        video_id = service.parts.lifecycle.create(tx, **made, subject=key.id, title=f"Film of {name}")
        now = service.parts.clock.now()
        row = {"id": asset_id, "video_id": video_id, "role": "video", "state": "stored", "store": "local"}
        file = {"location": location, "bytes": 11, "sha256": "0" * 64, "content_type": "video/mp4"}
        tx.execute(insert(assets).values(**row, **file, created_at=now, stored_at=now))
        return video_id

    video_id = await service.parts.db.write(work)
    tokens = access.stream_tokens
    secrets = {
        "key": key.key,
        "token": tokens.issue(local_admin(), key.id).token,
        "narrow": tokens.issue(local_admin(), key.id, [video_id]).token,
    }
    base = f"http://127.0.0.1:{port}"
    clients = {
        kind: httpx2.AsyncClient(base_url=base, headers={"authorization": f"Bearer {secret}"})
        for kind, secret in secrets.items()
    }
    return Owner(key.id, video_id, asset_id, clients)


@pytest.fixture
async def two(service: Service, tmp_path: Path) -> AsyncIterator[tuple[Owner, Owner]]:
    async with served(service.asgi) as port:
        ann, bob = [await owner(service, port, name, tmp_path / "media") for name in ("ann", "bob")]
        yield ann, bob
        for one in (*ann.clients.values(), *bob.clients.values()):
            await one.aclose()
        service.begin_stop()


async def ask(client: httpx2.AsyncClient, route: Permission, whose: Owner) -> httpx2.Response:
    path = route.path.replace("{video_id}", whose.video_id).replace("{asset_id}", whose.asset_id)
    params = {"confirm": whose.video_id} if route.method == "DELETE" else None
    body = BODIES.get(route.path, {"title": "Mine"}) if route.method in ("POST", "PATCH") else None
    return await client.request(route.method, path, json=body, params=params)


async def test_no_route_about_one_video_opens_to_somebody_elses_viewer(service: Service, two) -> None:
    ann, bob = two
    routes = [one for one in table(service.doors.api) if "{video_id}" in one.path or "{asset_id}" in one.path]
    assert len(routes) >= 7
    answered = 0
    for route in routes:
        for kind, client in ann.clients.items():
            foreign, own = await ask(client, route, bob), await ask(client, route, ann)
            no_person = foreign.json()["code"] == "not_a_person"  # open to no key at all
            assert foreign.status_code in (403, 404) or no_person, (route, kind, foreign.text)
            assert bob.subject not in foreign.text, (route, kind)
            assert "bob" not in foreign.text, (route, kind)
            if foreign.status_code == 404:  # not by its scopes: then it is open for what is one's own
                assert own.status_code in SEEN, (route, kind, own.text)
                answered += 1
    assert answered >= 3 * 3 + 1


async def test_lists_and_counts_hold_ones_own_alone_whatever_is_asked_for(service: Service, two) -> None:
    ann, bob = two
    client = ann.clients["key"]
    for query in ("", f"?subject={bob.subject}", "?q=bob", f"?q={bob.video_id}", "?state=ready"):
        text = (await client.get(f"/api/v1/videos{query}")).text
        assert bob.video_id not in text, query
    assert [one["id"] for one in (await client.get("/api/v1/videos")).json()["data"]] == [ann.video_id]
    assert (await client.get("/api/v1/videos/counts")).json()["data"]["ready"] == 1
    for kind in ("token", "narrow"):
        assert (await ann.clients[kind].get("/api/v1/videos")).status_code == 403


async def test_no_query_about_a_video_opens_to_a_viewer(service: Service, two) -> None:
    """Every route with a `video_id` in its query: what is for operators is refused, the rest shows nothing foreign."""
    ann, bob = two
    document = service.doors.api.openapi()
    tried = 0
    for path, operations in document["paths"].items():
        names = {one["name"] for one in operations.get("get", {}).get("parameters", ())}
        if names & {"video_id", "subject", "resource_id"} and "{" not in path:
            answer = await ann.clients["key"].get(path, params=dict.fromkeys(names & {"video_id"}, bob.video_id))
            assert answer.status_code == 403 or bob.video_id not in answer.text, path
            tried += 1
    assert tried >= 3


async def test_streams_tell_of_ones_own_alone_replayed_and_live(service: Service, two) -> None:
    ann, bob = two
    replayed = [bob.video_id, ann.video_id]

    async def follow(kind: str, params: dict[str, str]) -> str:
        """Everything the stream says until it has told of Ann's last change."""
        told = ""
        async with asyncio.timeout(10), ann.clients[kind].stream("GET", "/api/v1/stream", params=params) as answer:
            async for line in answer.aiter_lines():
                told += line + "\n"
                if "The last title" in line:
                    return told
        raise AssertionError(f"the stream ended: {told}")

    asked = ({"last_event_id": "0"}, {}, {"last_event_id": "0", "video_id": bob.video_id})
    following = [asyncio.create_task(follow(kind, params)) for kind in ann.clients for params in asked[:2]]
    foreign = asyncio.create_task(follow("key", asked[2]))
    await eventually(lambda: len(service.parts.hub._all()) == len(following) + 1)

    def change(tx: Tx) -> None:
        for video_id in replayed:
            service.parts.lifecycle.amend(tx, video_id, title="The last title")

    await service.parts.db.write(change)
    for told in await asyncio.gather(*following):
        assert ann.video_id in told
        assert bob.video_id not in told
    await service.parts.db.write(lambda tx: service.parts.lifecycle.amend(tx, ann.video_id, title="Later"))
    await asyncio.sleep(0)
    assert not foreign.done(), "asked for Bob's video alone, and was told something"
    foreign.cancel()
    await asyncio.gather(foreign, return_exceptions=True)


async def test_a_person_who_views_sees_no_more_than_a_key(service: Service, two) -> None:
    ann, bob = two
    access, db = service.parts.access, service.parts.db
    person = await access.people.create(local_admin(), "vera@example.com", "viewer")
    cookie = await db.write(lambda tx: access.sessions.open(tx, person.id, None, None))
    base = str(ann.clients["key"].base_url)
    async with httpx2.AsyncClient(base_url=base, headers={"X-Reelhook": "1"}, cookies={"reelhook": cookie}) as browser:
        assert (await browser.get("/api/v1/videos")).json()["data"] == []
        mine = {"subject": person.id}
        await service.parts.db.write(lambda tx: service.parts.lifecycle.amend(tx, ann.video_id, **mine))
        for route in table(service.doors.api):
            if "{video_id}" in route.path or "{asset_id}" in route.path:
                foreign = await ask(browser, route, bob)
                assert foreign.status_code in (403, 404), (route, foreign.text)
        assert [one["id"] for one in (await browser.get("/api/v1/videos")).json()["data"]] == [ann.video_id]
        assert (await browser.get(f"/media/{ann.asset_id}")).status_code == 200
    assert (await ann.clients["key"].get(f"/media/{ann.asset_id}")).status_code == 404, "it is not hers any more"

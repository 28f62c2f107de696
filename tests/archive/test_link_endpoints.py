"""A link is asked for, handed to an outsider, and opens one file through the gate, for as long as it says."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from sqlalchemy import insert, select, update
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as AsgiScope

from reelhook.api import create_api
from reelhook.archive import MediaEndpoint
from reelhook.archive.link_endpoints import router
from reelhook.auth import Access, Principal
from reelhook.auth.principal import of_key
from reelhook.db.tables import api_keys, assets, audit
from reelhook.jobs.kinds import ArchiveAsset
from reelhook.kit.bus import LocalBus
from reelhook.kit.sealing import Sealer
from reelhook.settings import Settings
from tests.archive.host import Host, film, sha256, whole
from tests.archive.scene import Scene
from tests.conftest import START

DATA = film(300_000)
OWNER = of_key("ann", "ann", "viewer", None)
STRANGER = of_key("bob", "bob", "viewer", None)


@pytest.fixture
async def stored(scene: Scene, host: Host) -> ArchiveAsset:
    work = await scene.video(host.put("/a.mp4", whole(DATA)))
    await scene.settle(scene.handler(asks=False), work)
    keys = [
        {"id": who.id, "name": who.id, "prefix": "x", "key_hash": who.id, "role": "viewer", "created_at": START}
        for who in (OWNER, STRANGER)
    ]
    await scene.db.write(lambda tx: tx.execute(insert(api_keys), keys))
    return work


class World:
    """The route, asked as somebody, and the media, asked as nobody."""

    def __init__(self, scene: Scene, access: Access) -> None:
        self.api = create_api(router(scene.db, access))
        self.media = access.gate(MediaEndpoint(scene.db, scene.clock, scene.stores))

    async def link(self, work: ArchiveAsset, who: Principal = OWNER, **body: Any) -> httpx2.Response:
        async def app(scope: AsgiScope, receive: Receive, send: Send) -> None:
            await self.api({**scope, "state": {"principal": who}}, receive, send)

        return await self._ask(app, "POST", f"/api/v1/videos/{work.video_id}/links", json=body)

    async def open(self, url: str, method: str = "GET", **headers: str) -> httpx2.Response:
        return await self._ask(self.media, method, url, headers=headers)

    async def _ask(self, app: ASGIApp, method: str, url: str, **options: Any) -> httpx2.Response:
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="https://reelhook.example.com") as client:
            return await client.request(method, url, **options)


@pytest.fixture(params=[None, "https://reelhook.example.com"], ids=["no public url", "public url"])
def public_url(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
async def world(scene: Scene, public_url: str | None) -> AsyncIterator[World]:
    settings = Settings(public_url=public_url)
    access = Access.build(settings, scene.db, LocalBus(), scene.clock, scene.ids, Sealer(["key"]))
    yield World(scene, access)
    await access.close()


async def test_a_link_opens_the_file_for_an_outsider(
    world: World, scene: Scene, stored: ArchiveAsset, public_url: str | None
) -> None:
    made = await world.link(stored, ttl_s=60)
    assert (made.status_code, made.json()["expires_at"]) == (201, "2026-11-22T12:01:00.000Z")
    url = made.json()["url"]
    assert url.startswith(f"{public_url or ''}/media/{stored.asset_id}?expires=")
    scene.clock.move(10)  # type: ignore[attr-defined]
    answer = await world.open(url)
    assert (answer.status_code, answer.content) == (200, DATA)
    assert answer.headers["cache-control"] == "private, max-age=50", "not kept beyond the link's end"
    assert answer.headers["content-disposition"] == "inline"
    part = await world.open(url, Range="bytes=10-19")
    assert (part.status_code, part.content) == (206, DATA[10:20])
    assert part.headers["cache-control"] == "private, max-age=50"
    head = await world.open(url, "HEAD")
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(DATA)))
    same = await world.open(url, **{"If-None-Match": f'"{sha256(DATA)}"'})
    assert (same.status_code, same.headers["cache-control"]) == (304, "private, max-age=50")
    scene.clock.move(50)  # type: ignore[attr-defined]
    ended = await world.open(url)
    assert (ended.status_code, ended.json()["code"]) == (410, "link_expired")


async def test_a_link_to_be_saved_says_so_and_only_then(world: World, stored: ArchiveAsset) -> None:
    url = (await world.link(stored, download=True)).json()["url"]
    assert (await world.open(url)).headers["content-disposition"].startswith('attachment; filename="Tour.mp4"')
    assert (await world.open(url.replace("download=1", "download=0"))).status_code == 404


async def test_links_are_for_ones_own_videos_and_written_down(world: World, scene: Scene, stored: ArchiveAsset) -> None:
    assert (await world.link(stored, STRANGER)).status_code == 404
    assert (await world.link(stored)).status_code == 201
    (entry,) = await scene.all(select(audit))
    assert (entry.actor, entry.action, entry.target) == ("key:ann", "link.create", stored.video_id)
    assert (entry.data["role"], entry.data["asset"], entry.data["download"]) == ("video", stored.asset_id, False)
    assert "signature" not in str(entry.data)


async def test_a_link_shows_no_more_than_its_issuer_may_still_see(
    world: World, scene: Scene, stored: ArchiveAsset
) -> None:
    url = (await world.link(stored)).json()["url"]
    assert (await world.open(url)).status_code == 200
    await scene.db.write(lambda tx: scene.lifecycle.amend(tx, stored.video_id, subject="somebody else"))
    assert (await world.open(url)).status_code == 404


@pytest.mark.parametrize("public_url", [None], indirect=True)
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"ttl_s": 59}, 422),
        ({"ttl_s": 7 * 24 * 3600 + 1}, 422),
        ({"ttl_s": "60"}, 422),
        ({"role": "subtitles"}, 422),
        ({"forever": True}, 422),
        ({"role": "gif"}, 404),
        ({"role": "poster"}, 409),
    ],
)
async def test_what_cannot_be_linked_to(
    world: World, scene: Scene, stored: ArchiveAsset, body: dict[str, Any], code: int
) -> None:
    await scene.another(stored, "poster", None)
    answer = await world.link(stored, **body)
    assert answer.status_code == code, answer.text
    if code == 409:
        assert answer.json()["code"] == "not_stored"


@pytest.mark.parametrize("public_url", [None], indirect=True)
async def test_a_file_elsewhere_has_its_own_address_there(world: World, scene: Scene, stored: ArchiveAsset) -> None:
    there = "https://res.cloudinary.com/demo/video/upload/a.mp4"
    await scene.db.write(lambda tx: tx.execute(update(assets).values(store="cloudinary", url=there)))
    assert (await world.link(stored)).json() == {"url": there, "expires_at": None}

"""What `/api/v1/stores` tells: what the rows say is in each store, how full it is, and whether it works."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import select
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from reelhook.api import create_api
from reelhook.archive import LocalStore
from reelhook.archive.store_endpoints import held_by_store, router
from reelhook.archive.stores import Store
from reelhook.archive.stores.cloudinary import CloudinaryStore
from reelhook.auth import local_admin
from reelhook.db import Database
from reelhook.db.tables import assets
from tests.archive.host import Host, film, whole
from tests.archive.scene import Scene
from tests.plans import explained

DATA = film(300_000)
NOTHING = {"used": 0, "free": None, "plan": "Simulated", "percent": 0.0, "of": "credits"}


@asynccontextmanager
async def asked(db: Database, stores: Mapping[str, Store]) -> AsyncIterator[httpx2.AsyncClient]:
    api = create_api(router(db, stores))

    async def app(scope: AsgiScope, receive: Receive, send: Send) -> None:
        await api({**scope, "state": {"principal": local_admin()}}, receive, send)

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://x/api/v1") as client:
        yield client


@pytest.fixture
async def http(scene: Scene, store: CloudinaryStore, local: LocalStore) -> AsyncIterator[httpx2.AsyncClient]:
    async with asked(scene.db, {"local": local, "cloudinary": store}) as client:
        yield client


async def listed(http: httpx2.AsyncClient) -> list[dict[str, Any]]:
    data: list[dict[str, Any]] = (await http.get("/stores")).raise_for_status().json()["data"]
    return data


async def test_each_store_tells_what_it_holds_and_how_full_it_is(
    http: httpx2.AsyncClient, scene: Scene, host: Host
) -> None:
    work = await scene.video(host.put("/a.mp4", whole(DATA)))
    assert [(one["name"], one["default"], one["files"]) for one in await listed(http)] == [
        ("local", True, 0),
        ("cloudinary", False, 0),
    ]
    await scene.settle(scene.handler(asks=False), work)
    stored = await scene.db.read(
        lambda conn: conn.execute(select(assets.c.bytes).where(assets.c.state == "stored")).all()
    )
    local, cloud = await listed(http)
    assert (local["files"], local["bytes"]) == (len(stored), sum(one.bytes for one in stored))
    assert local["usage"]["free"] > 0
    assert local["trouble"] is None
    assert (cloud["files"], cloud["usage"]) == (0, NOTHING)


async def test_the_check_really_keeps_a_file(http: httpx2.AsyncClient, tmp_path: Path) -> None:
    for name in ("local", "cloudinary"):
        assert (await http.post(f"/stores/{name}/check")).json() == {"trouble": None}
    assert [file for file in (tmp_path / "media").rglob("*") if file.is_file()] == []


async def test_a_store_in_trouble_says_why(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "disk").write_text("no folder")
    broken = LocalStore(tmp_path / "disk" / "media")
    async with asked(scene.db, {"local": broken}) as http:
        (one,) = await listed(http)
        assert one["usage"] is None
        assert "cannot be used" in one["trouble"]
        assert (await http.post("/stores/local/check")).json() == {"trouble": one["trouble"]}
    broken.close()


async def test_a_store_that_is_no_setting_is_not_there(http: httpx2.AsyncClient) -> None:
    answer = await http.post("/stores/attic/check")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_rows_are_counted_along_an_index(scene: Scene) -> None:
    with explained(scene.db) as plans:
        await scene.db.write(held_by_store)
    assert [line for plan in plans for line in plan] == ["SCAN assets USING COVERING INDEX assets_store_state_bytes"]

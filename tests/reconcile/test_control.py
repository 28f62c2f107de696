"""The control, with HeyGen's simulator and our real door: nothing dropped, nothing found; dropped, exactly that."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from reelhook.db import Database
from reelhook.heygen import HeyGen
from reelhook.kit.clock import SystemClock
from reelhook.kit.http import guarded_session
from reelhook.kit.ids import Ids
from reelhook.reconcile.history import HistoryLook
from reelhook.reconcile.missed import missed
from reelhook.reconcile.run import Look
from reelhook.reconcile.scope import Scope
from reelhook.simulators.process import SimulatorConfig, running
from tests.conftest import eventually
from tests.ingest.conftest import Scene as Door
from tests.reconcile.scene import Scene

AVATAR = {"type": "avatar", "avatar_id": "anna", "script": "Hello"}
TWISTED = {"gif": True, "captions": True, "caption_after_s": 0.2}


class Shifted(SystemClock):
    """The machine's clock, put forward by a test."""

    def __init__(self) -> None:
        self.by = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.by


@dataclass
class Line:
    """HeyGen's simulator, our door, and the room under test."""

    scene: Any
    history: HistoryLook
    base: str
    session: aiohttp.ClientSession
    key: str

    async def heygen(self, method: str, path: str, body: object = None) -> Any:
        headers = {"X-Api-Key": self.key}
        async with self.session.request(method, self.base + path, json=body, headers=headers) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def renders(self, *plans: dict[str, Any]) -> None:
        """Videos that are rendered as planned; returns when all that HeyGen wanted to say is said."""
        await self.heygen("POST", "/_control/plans", {"plans": plans})
        for _ in plans:
            made = await self.heygen("POST", "/v3/videos", AVATAR)
            await self.scene.video(made["data"]["video_id"])

        async def idle() -> bool:
            return bool((await self.heygen("GET", "/_control/idle"))["idle"])

        await eventually(idle, what="HeyGen has said everything")
        await self.scene.applied()

    async def look(self, *, history: bool) -> int:
        look = Look(thorough=True)
        await (self.history if history else self.scene.videos_look)(look)
        await self.scene.applied()
        return look.found

    async def rate(self) -> float:
        shown = await self.scene.db.read(lambda conn: missed(conn, self.scene.clock.now()))
        return float(shown.rate)


@pytest.fixture
def database_url(prepared_file: Path, tmp_path: Path) -> str:
    """SQLite alone: what SQL does is tried on both databases elsewhere."""
    shutil.copy(prepared_file, tmp_path / "reelhook.db")
    return f"sqlite:///{tmp_path / 'reelhook.db'}"


@pytest.fixture
async def line(db: Database) -> AsyncIterator[Line]:
    clock: Any = Shifted()
    ids = Ids(clock)
    door, scene = Door(db, clock, ids), Scene(db, clock, ids)
    config = SimulatorConfig(seconds_per_render=0.6)  # long enough for what overtakes the end
    async with running(config) as addresses, guarded_session({urlsplit(addresses.heygen).netloc}) as guarded:
        scene.heygen = HeyGen(guarded, addresses.heygen, addresses.heygen_api_key, clock)  # type: ignore[assignment]
        scene.__post_init__()
        async with door.serve() as port, aiohttp.ClientSession() as session:
            url = f"http://127.0.0.1:{port}/webhooks/heygen"
            scope = Scope(db, scene.questions, url, lambda: True)
            history = HistoryLook(db, clock, scene.inbox, scene.questions, scope)
            made = Line(scene, history, addresses.heygen, session, addresses.heygen_api_key)
            registered = await made.heygen("POST", "/v3/webhooks/endpoints", {"url": url})
            door.secrets = [registered["data"]["secret"]]
            clock.by = timedelta(seconds=-2)  # HeyGen's times are whole seconds, so they may seem older
            await made.look(history=True)
            clock.by = timedelta(0)
            yield made


WIRES: list[dict[str, Any]] = [
    {},  # ids in the history alone: what was seen of the real HeyGen
    {"body_ids": True},
    {"signing": "docs"},  # the id in a header
    {"history_ids": False},
    {"history_ids": False, "body_ids": True},
]


@pytest.mark.parametrize("settings", WIRES, ids=lambda settings: ",".join(settings) or "as seen")
async def test_nothing_dropped_nothing_found_and_dropped_exactly_that(line: Line, settings: dict[str, Any]) -> None:
    await line.heygen("PATCH", "/_control/settings", settings)
    await line.renders(
        {"duplicates": 2, **TWISTED},
        {"delivery": "out_of_order", **TWISTED},
        {"outcome": "failed"},
    )
    line.scene.clock.by = timedelta(hours=1)
    for history in (True, False, True):
        assert await line.look(history=history) == 0
    assert await line.scene.found() == []
    assert await line.rate() == 0.0

    await line.renders({"delivery": "lost", "gif": True}, {"delivery": "lost", "outcome": "failed"}, {})
    assert await line.look(history=False) == 2
    assert await line.look(history=True) == 1
    found = sorted(type_ for type_, _ in await line.scene.found())
    assert found == ["avatar_video.fail", "avatar_video.success", "avatar_video_gif.success"]
    for history in (True, False):
        assert await line.look(history=history) == 0
    received = 3 + 4 + 1 + 1  # the success event comes twice when all is out of order
    assert await line.rate() == pytest.approx(3 / (received + 3))


async def test_heygens_endpoint_for_other_events_is_not_missed(line: Line) -> None:
    (endpoint,) = (await line.heygen("GET", "/v3/webhooks/endpoints"))["data"]
    path = f"/v3/webhooks/endpoints/{endpoint['endpoint_id']}"
    await line.heygen("PATCH", path, {"events": ["avatar_video.success"]})
    await line.renders({"gif": True}, {"outcome": "failed", "delivery": "lost"})
    line.scene.clock.by = timedelta(hours=1)
    assert await line.look(history=True) == 0

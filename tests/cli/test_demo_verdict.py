"""The demo's verdict must be able to say no: every promise it checks is broken here once."""

import hashlib
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from reelhook.cli.demo.audience import Audience, Sighting
from reelhook.cli.demo.play import Client, Performance
from reelhook.cli.demo.scenario import FAILED, READY, Act
from reelhook.cli.demo.stage import Stage
from reelhook.cli.demo.verdict import judge
from tests.processes import Service

FILE = b"the video"
DIGEST = hashlib.sha256(FILE).hexdigest()


class Told(Client):
    """Answers as both sides would after a performance in which all went well; a test then spoils one thing."""

    def __init__(self) -> None:
        self.shown: dict[str, Any] = {
            "id": "v1",
            "heygen_video_id": "h1",
            "failure": None,
            "asset": {"url": "/media/a1", "bytes": len(FILE), "sha256": DIGEST},
        }
        self.file = FILE
        self.events = [{"id": "e1", "duplicates": 0}]
        self.rejections: list[dict[str, Any]] = [{"id": "r1"}]
        body = '{"video_id": "h1"}'
        sent = {"event_type": "avatar_video.success", "state": "delivered", "attempts": [{"at": 99.9}]}
        self.deliveries = [{"url": "/hook", "body": body, **sent}]
        self.bodies = {"e1": body}

    async def reelhook(self, method: str, path: str, body: Any = None) -> Any:
        if path.startswith("/api/v1/videos/"):
            return self.shown
        if path.startswith("/api/v1/events/"):
            return {"body": self.bodies[path.rsplit("/", 1)[1]]}
        return {"data": self.events if path.startswith("/api/v1/events") else self.rejections}

    async def heygen(self, method: str, path: str, body: Any = None) -> Any:
        if path == "/videos":
            return {"videos": [{"id": "h1", "media": {"video": {"sha256": DIGEST}}}]}
        return {"deliveries": self.deliveries}

    async def content(self, url: str) -> bytes:
        return self.file


ACT = Act("Title", "shows", states=READY)


async def faults(
    told: Told, act: Act = ACT, states: tuple[str, ...] = READY, ids: tuple[int, ...] = (1, 2)
) -> list[str]:
    async with aiohttp.ClientSession() as session:
        audience = Audience(session, "http://127.0.0.1", "key")
        audience.ids.extend(ids)
        audience.seen["v1"] = [Sighting(state, 100.0, {}) for state in states]
        return (await judge(told, Performance({"v1": act}, audience)))[1]


async def test_nothing_is_said_when_all_is_well() -> None:
    assert await faults(Told()) == []


async def test_a_state_that_was_skipped_or_seen_twice_is_a_fault() -> None:
    assert "passed" in (await faults(Told(), states=READY[1:]))[0]


async def test_stream_ids_out_of_order_are_a_fault() -> None:
    assert await faults(Told(), ids=(2, 1)) == ["stream ids came twice or out of order"]


async def test_other_bytes_in_the_store_are_a_fault() -> None:
    told = Told()
    told.file = b"other bytes"
    assert "the stored file has" in (await faults(told))[0]


async def test_a_video_without_a_file_is_a_fault() -> None:
    told = Told()
    told.shown["asset"] = None
    assert "the stored file has None" in (await faults(told))[0]


async def test_another_reason_than_heygens_is_a_fault() -> None:
    told = Told()
    told.shown["failure"] = {"message": "something else"}
    act = replace(ACT, states=FAILED, plan={"failure_message": "no credit"})
    assert "the failure shown is" in (await faults(told, act, FAILED))[0]


async def test_an_acknowledged_event_that_is_not_there_is_lost() -> None:
    told = Told()
    told.bodies["e1"] = "another"
    assert await faults(told) == ["1 acknowledged events are lost"]


async def test_duplicates_that_are_not_counted_are_a_fault() -> None:
    told = Told()
    told.deliveries *= 3
    assert await faults(told) == ["0 duplicates were counted, 2 were sent"]


async def test_a_forged_event_that_was_let_in_is_a_fault() -> None:
    told = Told()
    told.rejections = []
    assert await faults(told) == ["the forged event was not rejected"]


async def test_an_answer_that_is_an_error_is_told_with_its_words(tmp_path: Any) -> None:
    service = Service(tmp_path).start()
    try:
        async with aiohttp.ClientSession() as session:
            client = Client(session, Stage(service.base, service.base, "rhk_wrong", "", "", tmp_path / "log"))
            with pytest.raises(Exception, match="answered 401"):
                await client.reelhook("GET", "/api/v1/videos")
    finally:
        service.stop()

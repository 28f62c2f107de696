"""What a browser sees: history, then live, in order, only what it may see, and a plain answer when it cannot be."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text

from reelhook.auth.principal import local_scraper, of_key, of_person, of_token
from reelhook.db import Tx
from reelhook.db.tables import stream
from reelhook.errors import DatabaseUnavailable
from reelhook.realtime import hub as hub_room
from reelhook.realtime import log as stream_log
from reelhook.realtime import wire
from reelhook.realtime.log import HistoryGone
from tests.conftest import START, eventually
from tests.ingest.serving import ask, connected, request, served
from tests.measured import measured

from .browser import Browser, Frame, watching
from .conftest import Scene
from .test_log import pruned as pruned


async def seen(browser: Browser, many: int) -> list[int | None]:
    return [frame.id for frame in await browser.frames(many)]


async def test_live_updates_come_in_order_and_only_new_ones(port: int, scene: Scene) -> None:
    await scene.write(3)
    await eventually(lambda: scene.hub.cursor == 3)
    async with watching(port) as browser:
        assert "content-type: text/event-stream; charset=utf-8\r\n" in browser.headers
        assert "cache-control: no-store\r\n" in browser.headers
        for _ in range(5):
            await scene.write(2)
        assert await seen(browser, 10) == list(range(4, 14))


async def test_an_update_is_one_frame_with_id_name_and_data(port: int, scene: Scene) -> None:
    async with watching(port) as browser:
        await scene.write()
        assert await browser.frame() == Frame("video.updated", 1, None, {"number": 0, "filler": ""})


@pytest.mark.parametrize("how", ["header", "query"])
async def test_what_was_missed_comes_first(how: str, port: int, scene: Scene) -> None:
    await scene.write(1500)
    query, headers = ("?last_event_id=7", {}) if how == "query" else ("", {"last_event_id": "7"})
    async with watching(port, query, **headers) as browser:
        await scene.write()
        assert await seen(browser, 1494) == list(range(8, 1502))


async def test_the_header_goes_before_the_query(port: int, scene: Scene) -> None:
    await scene.write(9)
    async with watching(port, "?last_event_id=2", last_event_id=8) as browser:
        assert await seen(browser, 1) == [9]


async def test_history_from_before_the_hub_began_comes_from_the_log(scene: Scene) -> None:
    await scene.write(700)
    async with served(scene.app) as port, scene.following(), watching(port, last_event_id=0) as browser:
        assert await seen(browser, 700) == list(range(1, 701))


async def test_the_last_hop_is_measured_once_for_all_streams(port: int, scene: Scene) -> None:
    names = [f"reelhook_{name}_seconds_{what}" for name in ("fanout", "shown") for what in ("sum", "count")]
    before = [measured(name) for name in names]
    async with watching(port) as one, watching(port) as other:
        await eventually(lambda: [stream.live for stream in scene.hub._all()] == [True, True])
        scene.clock.move(5)
        await scene.write(1)
        await scene.write(1, received_at=START - timedelta(seconds=2))
        assert await seen(one, 2) == await seen(other, 2) == [1, 2]
    assert [measured(name) - was for name, was in zip(names, before, strict=True)] == pytest.approx([10, 2, 7, 1])


async def test_how_a_stream_begins_is_counted_and_what_it_had_missed(port: int, scene: Scene) -> None:
    def now() -> list[float]:
        kinds = [measured("reelhook_stream_starts_total", kind=kind) for kind in ("new", "replayed", "resync")]
        return [*kinds, measured("reelhook_stream_replayed_total")]

    await scene.write(3)
    await eventually(lambda: scene.hub.cursor == 3)
    before = now()
    async with watching(port), watching(port, last_event_id=1) as back, watching(port, last_event_id=99) as lost:
        assert await seen(back, 2) == [2, 3]
        assert (await lost.frame()).event == "resync"
        await eventually(lambda: [is_ - was for is_, was in zip(now(), before, strict=True)] == [1, 1, 1, 3])


async def test_above_the_head_is_a_resync_from_the_head(port: int, scene: Scene) -> None:
    await scene.write(3)
    async with watching(port, last_event_id=99) as browser:
        assert await browser.frame() == Frame("resync", 3, None, {"stream_id": 3})
        await scene.write()
        assert await seen(browser, 1) == [4]


async def test_below_the_floor_too(scene: Scene) -> None:
    await scene.write(9)
    await scene.db.write(lambda tx: pruned(tx, 5))
    async with served(scene.app) as port, scene.following():
        async with watching(port, "?video_id=v", last_event_id=4) as browser:
            assert await browser.frame() == Frame("resync", 9, None, {"stream_id": 9})
        async with watching(port, last_event_id=5) as browser:
            assert await seen(browser, 4) == [6, 7, 8, 9]


async def test_a_client_that_is_ahead_of_the_hub_gets_nothing_twice(
    port: int, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scene.hub, "wake", lambda: None)
    monkeypatch.setattr(scene.hub._woken, "set", lambda: None)
    await scene.write(4)
    async with watching(port, last_event_id=4) as browser:
        await eventually(lambda: scene.hub.cursor == 4)
        await scene.write()
        assert await seen(browser, 1) == [5]


@pytest.mark.parametrize("wrong", ["abc", "-1", "1.5", "%C2%B2", "9" * 19, "0x1"])
async def test_an_id_that_is_no_number_is_422(wrong: str, port: int) -> None:
    answer = await ask(port, request(method="GET", path=f"/api/v1/stream?last_event_id={wrong}"))
    assert (answer.status, answer.code) == (422, "wrong_input")


async def test_a_stream_can_be_narrowed_to_some_videos(port: int, scene: Scene) -> None:
    async with watching(port, "?video_id=a&video_id=b") as browser:
        for video_id in ("a", "c", "b", None, "c", "a"):
            await scene.write(video_id=video_id)
        assert await seen(browser, 3) == [1, 3, 6]


VIEWER = of_person("ada", "ada@example.com", "viewer")
TOKEN = of_token("ada", frozenset({"v2"}), START + timedelta(hours=1))


@pytest.mark.parametrize(
    ("principal", "sees"),
    [(VIEWER, [1, 2, 4, 5]), (TOKEN, [2, 4, 5]), (of_key("k", "key", "operator", None), [1, 2, 3, 4, 5, 6])],
    ids=["viewer", "token", "operator"],
)
@pytest.mark.parametrize("late", [False, True], ids=["live", "replayed"])
async def test_everybody_sees_their_own(principal: Any, sees: list[int], late: bool, port: int, scene: Scene) -> None:
    async def write() -> None:
        for video_id, subject in (("v1", "ada"), ("v2", "ada"), ("v3", "bob")):
            await scene.write(video_id=video_id, subject=subject)
        for subject in (None, "ada", "bob"):
            await scene.write(subject=subject)

    scene.principal = principal
    if late:
        await write()
    async with watching(port, last_event_id=0) as browser:
        if not late:
            await write()
        await scene.write()
        assert await seen(browser, len(sees) + 1) == [*sees, 7]


async def test_it_needs_its_scope(port: int, scene: Scene) -> None:
    scene.principal = local_scraper()
    answer = await ask(port, request(method="GET"))
    assert (answer.status, answer.code) == (403, "forbidden")


async def test_only_get_opens_a_stream(port: int, scene: Scene) -> None:
    head = await ask(port, request(method="HEAD"), head=True)
    assert (head.status, head.headers["content-type"]) == (200, "text/event-stream")
    answer = await ask(port, request(method="POST"))
    assert (answer.status, answer.code, answer.headers["allow"]) == (405, "method_not_allowed", "GET, HEAD")
    assert scene.streams == 0


async def test_before_the_log_was_read_it_is_503(scene: Scene) -> None:
    async with served(scene.app) as port:
        answer = await ask(port, request(method="GET"))
    assert (answer.status, answer.code, answer.headers["retry-after"]) == (503, "unavailable", "2")


async def test_a_disconnected_browser_leaves_nothing(port: int, scene: Scene) -> None:
    def open_streams() -> float:
        return REGISTRY.get_sample_value("reelhook_streams") or 0

    before = open_streams()
    async with watching(port):
        assert (scene.streams, open_streams() - before) == (1, 1)
    await eventually(lambda: scene.streams == 0)
    assert open_streams() == before


async def test_a_database_that_goes_away_costs_time_and_no_update(
    port: int, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_room, "POLL_S", 0.05)
    calls = 0
    real = stream_log.after

    def away(*args: Any) -> Any:
        nonlocal calls
        calls += 1
        raise DatabaseUnavailable("away")

    async with watching(port) as browser:
        await scene.write(2)
        assert await seen(browser, 2) == [1, 2]
        monkeypatch.setattr(stream_log, "after", away)
        await scene.write(3)
        await eventually(lambda: calls > 2)
        async with watching(port, last_event_id=0) as late, asyncio.timeout(20):
            assert await seen(late, 2) == [1, 2], "what the hub still knows needs no database"
        monkeypatch.setattr(stream_log, "after", real)
        assert await seen(browser, 3) == [3, 4, 5]


async def test_history_that_cannot_be_read_ends_the_stream_with_a_time_to_come_back(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_room, "MOST", 0)
    await scene.write(5)
    async with served(scene.app) as port, scene.following():

        async def away(*_: Any, **__: Any) -> Any:
            raise DatabaseUnavailable("away")

        scene.db.read = away  # type: ignore[method-assign]
        async with watching(port, last_event_id=1) as browser:
            (frame,) = await browser.rest()
    assert (frame.event, frame.id, frame.data["reason"]) == ("bye", None, "unavailable")
    assert 500 <= (frame.retry or 0) < 3000


async def test_history_that_is_pruned_while_it_is_sent_becomes_a_resync(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_room, "PAGE", 10)
    monkeypatch.setattr(hub_room, "MOST", 0)
    await scene.write(25)
    async with served(scene.app) as port, scene.following():
        real, pages = stream_log.replay, 0

        def prune_between(*args: Any) -> Any:
            nonlocal pages
            pages += 1
            if pages == 2:
                raise HistoryGone(25)
            return real(*args)

        monkeypatch.setattr(stream_log, "replay", prune_between)
        async with watching(port, last_event_id=0) as browser:
            frames = await browser.frames(11)
    assert [frame.id for frame in frames] == [*range(1, 11), 25]
    assert frames[-1].event == "resync"


async def test_a_frame_is_encoded_once_for_everybody(port: int, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    made = 0
    real = wire.update

    def counting(*args: Any) -> bytes:
        nonlocal made
        made += 1
        return real(*args)

    monkeypatch.setattr(wire, "update", counting)
    async with watching(port) as one, watching(port) as two, watching(port) as three:
        await scene.write(10)
        for browser in (one, two, three):
            assert await seen(browser, 10) == list(range(1, 11))
        assert made == 10


async def test_a_request_behind_the_stream_waits_and_disturbs_nothing(port: int, scene: Scene) -> None:
    async with connected(port) as line:
        browser = Browser(line)
        await line.send(request(method="GET") * 2)
        await browser.begin()
        await scene.write()
        assert await seen(browser, 1) == [1]


async def test_rows_written_by_somebody_else_are_found_without_a_signal(port: int, scene: Scene) -> None:
    def quietly(tx: Tx) -> None:
        tx.execute(text("INSERT INTO stream (event, data, at) VALUES ('video.updated', '{}', 0)"))
        assert tx.execute(stream.select()).fetchall()

    async with watching(port) as browser:
        await scene.db.write(quietly)
        assert await seen(browser, 1) == [1]

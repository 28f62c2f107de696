"""Streams that must not last: slow readers, too many of one owner, old age, and credentials that end."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from reelhook.auth.principal import Principal, local_admin, of_key, of_person, of_token
from reelhook.realtime import endpoint as endpoint_room
from reelhook.realtime import hub as hub_room
from reelhook.realtime import subscriber as subscriber_room
from tests.conftest import eventually
from tests.ingest.serving import ask, request

from .browser import Frame, ids, stalled, watching
from .conftest import Scene


async def test_quiet_streams_are_kept_open_and_told_how_far_they_are(port: int, scene: Scene) -> None:
    async with watching(port, "?video_id=mine") as browser:
        await eventually(lambda: [subscriber.live for subscriber in scene.hub._all()] == [True])
        await scene.clock.forward(hub_room.HEARTBEAT_S)
        assert await browser.frame() == Frame(id=0)
        await scene.write(3, video_id="another")
        await eventually(lambda: scene.hub._all()[0].last_id == 3)
        await scene.clock.forward(hub_room.HEARTBEAT_S)
        assert await browser.frame() == Frame(id=3), "it need not ask again for what is not for it"


@pytest.mark.parametrize("query", ["", "?last_event_id=0"], ids=["live", "in its history"])
async def test_a_reader_that_does_not_read_is_cut_and_delays_nobody(
    query: str, port: int, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscriber_room, "GRACE_S", 0.3)
    if query:
        await scene.write(300, size=4000)
    start = 300 if query else 0
    await eventually(lambda: scene.hub.cursor == start)
    async with stalled(port, query) as sleeper:
        await eventually(lambda: scene.streams == 1)
        async with watching(port) as browser:
            for number in range(1, 301):
                await scene.write(size=4000)
                assert [frame.id for frame in await browser.frames(1)] == [start + number]
            await eventually(lambda: scene.streams == 1, what="the stalled stream is cut")
        got = await sleeper.was_cut()
        assert len(got) < 600_000, "what waits for a reader is bounded"
        last = int(got.rpartition(b"id: ")[2].split(b"\n")[0]) - 1
    async with watching(port, last_event_id=last) as again:
        frames = await again.frames(start + 300 - last)
        assert list(ids(frames)) == list(range(last + 1, start + 301))


async def test_a_reader_that_pauses_for_less_than_the_grace_is_not_cut(port: int, scene: Scene) -> None:
    async with watching(port) as browser:
        await scene.write(1500, size=1000)
        await eventually(lambda: scene.hub.cursor == 1500)
        await asyncio.sleep(0.2)  # the pause is what is tested
        assert list(ids(await browser.frames(1500))) == list(range(1, 1501))


ADA = of_person("a", "ada@example.com", "admin")


async def test_the_oldest_of_too_many_streams_gives_way_for_good(port: int, scene: Scene) -> None:
    scene.principal = ADA
    async with watching(port) as oldest, watching(port) as second, watching(port), watching(port) as newest:
        (frame,) = await oldest.rest()
        assert (frame.event, frame.id, frame.retry) == ("superseded", None, 86_400_000)
        assert frame.data["reason"] == "too_many"
        assert frame.data["message"].endswith("this one was closed because a newer one was opened.")
        await scene.write()
        assert (await second.frame()).id == (await newest.frame()).id == 1
        await eventually(lambda: scene.streams == 3)
        async with watching(port) as another:
            assert [frame.event for frame in await second.rest()] == ["superseded"]
            await scene.write()
            assert (await another.frame()).id == (await newest.frame()).id == 2


async def test_the_limit_is_for_each_person_and_each_user_of_a_builder(port: int, scene: Scene) -> None:
    later = scene.clock.now() + timedelta(hours=1)
    scene.principal = ADA
    async with watching(port), watching(port), watching(port) as last:
        for principal in (of_person("b", "b@example.com", "admin"), of_token("a", None, later)):
            scene.principal = principal
            async with watching(port) as first, watching(port), watching(port):
                assert scene.streams == 6
                scene.principal = of_token("a", frozenset({"v"}), later) if principal.kind == "token" else principal
                async with watching(port):
                    assert [frame.event for frame in await first.rest()] == ["superseded"]
            await eventually(lambda: scene.streams == 3)
        await scene.write()
        assert (await last.frame()).id == 1


@pytest.mark.parametrize("program", [of_key("k", "backend", "operator", None), local_admin()], ids=lambda who: who.kind)
async def test_programs_hold_as_many_as_they_use(program: Principal, port: int, scene: Scene) -> None:
    scene.principal = program
    async with AsyncExitStack() as stack:
        browsers = [await stack.enter_async_context(watching(port)) for _ in range(10)]
        await scene.write()
        assert [(await browser.frame()).id for browser in browsers] == [1] * 10


async def test_a_stream_that_was_closed_counts_no_more(port: int, scene: Scene) -> None:
    scene.principal = ADA
    async with watching(port) as first, watching(port):
        for _ in range(3):
            async with watching(port):
                assert scene.streams == 3
            await eventually(lambda: scene.streams == 2)
        await scene.write()
        assert (await first.frame()).id == 1


async def test_a_stream_ends_by_itself_and_says_when_to_come_back(
    port: int, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint_room, "LIFETIME_S", 0.2)
    async with watching(port) as browser:
        (frame,) = await browser.rest()
    assert (frame.event, frame.id, 500 <= (frame.retry or 0) < 3000) == ("bye", None, True)


async def test_a_stream_outlives_no_credential(port: int, scene: Scene) -> None:
    scene.principal = of_token("ada", None, scene.clock.now() + timedelta(seconds=0.2))
    async with watching(port) as browser:
        (frame,) = await browser.rest()
    assert frame.event == "bye"
    scene.principal = of_token("ada", None, scene.clock.now() - timedelta(seconds=1))
    async with watching(port) as browser:
        assert [frame.event for frame in await browser.rest()] == ["bye"]


async def test_progress_reaches_who_watches_and_is_not_kept(port: int, scene: Scene) -> None:
    async with watching(port, "?video_id=v1") as watcher, watching(port, "?video_id=v2") as other:
        await eventually(lambda: [subscriber.live for subscriber in scene.hub._all()] == [True, True])
        scene.hub.progress("v1", "ada", 5, 10)
        scene.hub.progress("v1", "ada", 6, None)
        for unreadable in ("", "7", "{}", '{"video_id": "v1"}', "[]", "null"):
            scene.bus.publish("progress", unreadable)
        frames = await watcher.frames(2)
        await scene.write(video_id="v2")
        assert (await other.frame()).id == 1
    assert [(frame.event, frame.id) for frame in frames] == [("video.progress", None)] * 2
    assert [frame.data["total"] for frame in frames] == [10, None]
    scene.principal = of_token("bob", None, scene.clock.now() + timedelta(hours=1))
    async with watching(port, last_event_id=0) as stranger:
        await eventually(lambda: [subscriber.live for subscriber in scene.hub._all()][-1])
        scene.hub.progress("v1", "ada", 7, 10)
        await scene.write(video_id="v9", subject="bob")
        assert (await stranger.frame()).id == 2


async def test_closing_says_bye_to_each_with_another_time_and_refuses_new_ones(port: int, scene: Scene) -> None:
    async with watching(port) as one, watching(port) as two:
        scene.hub.close()
        scene.hub.close()
        byes = await one.rest() + await two.rest()
        assert [frame.event for frame in byes] == ["bye", "bye"]
        assert byes[0].data["reason"] == "shutdown"
        assert all(500 <= (frame.retry or 0) < 3000 for frame in byes)
        answer = await ask(port, request(method="GET"))
        assert (answer.status, answer.headers["retry-after"]) == (503, "2")
        await eventually(lambda: scene.streams == 0)


async def test_who_never_reads_the_last_word_is_cut(port: int, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriber_room, "LINGER_S", 0.1)
    async with stalled(port) as sleeper:
        await eventually(lambda: [subscriber.live for subscriber in scene.hub._all()] == [True])
        await scene.write(20, size=2500)
        await eventually(lambda: scene.hub.cursor == 20)
        scene.hub.close()
        await eventually(lambda: scene.streams == 0)
        async with asyncio.timeout(20):
            await sleeper.was_cut()

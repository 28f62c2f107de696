"""The corners of the hub and its endpoint, without a server."""

import asyncio
from typing import Any

import pytest
from prometheus_client import REGISTRY

from reelhook.auth.principal import local_admin
from reelhook.realtime import hub as hub_room
from reelhook.realtime.cap import SUPERSEDED, stream_name
from tests.conftest import eventually

from .conftest import Scene
from .test_subscriber import Pipe, subscriber


def slow_cuts() -> float:
    return REGISTRY.get_sample_value("reelhook_streams_cut_total", {"reason": "slow"}) or 0


class NoRoom(Pipe):
    """Refuses every write as too slow."""

    async def send(self, message: Any) -> None:
        raise TimeoutError


async def test_who_takes_nothing_of_its_history_is_cut_and_counted(scene: Scene) -> None:
    await scene.write(3)
    pipe, before = NoRoom(), slow_cuts()
    one = subscriber(pipe, live=False)
    async with scene.following():
        one.last_id = 1
        await scene.hub.catch_up(one)
    assert (one.cut, one.live, pipe.aborted, slow_cuts() - before) == (True, False, 1, 1)


async def test_a_stream_that_ended_meanwhile_is_not_counted_as_slow(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_room, "MOST", 0)
    await scene.write(3)
    pipe, before = Pipe(), slow_cuts()
    one = subscriber(pipe, live=False)
    async with scene.following():
        one.last_id = 1
        catching_up = asyncio.create_task(scene.hub.catch_up(one))
        await asyncio.sleep(0)  # it reads the log now
        one.end(b"bye", "shutdown")
        await catching_up
    assert (pipe.written, one.last_id > 1, one.live, slow_cuts()) == ([b"bye"], True, False, before)


async def test_a_server_without_our_protocol_will_do(scene: Scene) -> None:
    pipe, gone = Pipe(), asyncio.Event()

    async def receive() -> dict[str, str]:
        await gone.wait()
        return {"type": "http.disconnect"}

    async with scene.following():
        serving = asyncio.create_task(scene.endpoint(_scope(), receive, pipe.send))
        await eventually(lambda: scene.streams == 1)
        await scene.write()
        await eventually(lambda: len(pipe.written) == 3)
        gone.set()
        await serving
    assert scene.streams == 0


async def test_a_connection_that_is_full_from_the_start_never_becomes_a_stream(scene: Scene) -> None:
    pipe = Pipe()
    pipe.room.clear()
    async with scene.following():
        await scene.endpoint(_scope(), pipe.room.wait, pipe.send)  # type: ignore[arg-type]
    assert scene.streams == 0


async def test_what_lags_at_the_end_of_the_hub_is_let_go(scene: Scene) -> None:
    pipe = Pipe()
    async with scene.following():
        one = subscriber(pipe)
        scene.hub.add(one)
        pipe.room.clear()
        await scene.write()
        await eventually(lambda: len(scene.hub._behind) == 1)
    assert scene.hub._behind == set()


def _scope() -> dict[str, Any]:
    return {
        "type": "http",
        "method": "GET",
        "path": "/api/v1/stream",
        "query_string": b"",
        "headers": [],
        "state": {"principal": local_admin()},
    }


async def test_who_comes_back_after_a_restart_is_served_without_the_log(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scene.write(20)
    async with scene.following():

        def unread(*_: Any) -> Any:
            raise AssertionError("the log is read for each who comes back")

        monkeypatch.setattr(hub_room.stream_log, "replay", unread)
        one = subscriber(pipe := Pipe(), live=False)
        one.last_id = 17
        await scene.hub.catch_up(one)
    assert (one.live, one.last_id, pipe.written[0].count(b"id: ")) == (True, 20, 3)


async def test_a_stream_that_has_had_its_last_word_gets_no_other(scene: Scene) -> None:
    def cuts() -> list[float | None]:
        name = "reelhook_streams_cut_total"
        return [REGISTRY.get_sample_value(name, {"reason": reason}) for reason in ("superseded", "access")]

    pipe = Pipe()
    one = subscriber(pipe)
    scene.hub.add(one)
    one.end(b"bye", "shutdown")
    before = cuts()
    scene.bus.publish(SUPERSEDED, stream_name(scene.bus.me, one.number))
    scene.hub._end_of_access(one)
    scene.hub.remove(one)
    assert (pipe.written, cuts()) == ([b"bye"], before)

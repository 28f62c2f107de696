"""What a signal does to a running server."""

import asyncio
import gc
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from reelhook.cli import server as room
from reelhook.cli.server import Server
from reelhook.cli.sockets import tcp_socket
from reelhook.kit import problem
from tests.conftest import eventually
from tests.ingest.serving import ask, connected, request

GET = request(method="GET", path="/")


class Stub:
    """As much of `app.Service` as a server asks for, and what it was told."""

    failed = None

    def __init__(self, drain_s: float) -> None:
        self.drain_s, self.told = drain_s, list[str]()
        self.gave_up = asyncio.Event()

    def start(self) -> None:
        self.told.append("start")

    def drain(self) -> float:
        self.told.append("drain")
        return self.drain_s

    def begin_stop(self) -> None:
        if "begin_stop" not in self.told:
            self.told.append("begin_stop")

    async def stop(self) -> None:
        self.told.append("stop")

    async def asgi(self, scope: Scope, receive: Receive, send: Send) -> None:
        await problem.respond(send, 200, b"ok", "text/plain")


@asynccontextmanager
async def serving(drain_s: float) -> AsyncIterator[tuple[Any, Stub, int, asyncio.Task[None]]]:
    """A server, its service, its port, and the task that ends when it has ended."""
    stub: Any = Stub(drain_s)
    usual = gc.get_threshold()
    server, listener = Server(stub), tcp_socket("127.0.0.1", 0)
    running = asyncio.create_task(server._serve([listener]))  # signals are told by hand
    await eventually(lambda: server.started)
    try:
        yield server, stub, listener.getsockname()[1], running
    finally:
        server.handle_exit(signal.SIGINT, None)
        await asyncio.wait_for(running, 20)
        gc.unfreeze()
        gc.set_threshold(*usual)


async def test_what_is_there_at_the_start_is_not_looked_through_again() -> None:
    usual = gc.get_threshold()
    async with serving(0):
        assert gc.get_freeze_count() > 10_000
        assert gc.get_threshold() == (room.YOUNG_OBJECTS, *usual[1:])


async def test_after_sigterm_it_serves_until_the_drain_is_over() -> None:
    async with serving(0.6) as (server, stub, port, running):
        async with connected(port) as kept:
            await kept.send(GET)
            assert (await kept.answer()).headers.get("connection") is None
            began = asyncio.get_running_loop().time()
            server.handle_exit(signal.SIGTERM, None)
            await eventually(lambda: "drain" in stub.told)
            await kept.send(GET)
            last = await kept.answer()
            assert (last.status, last.headers["connection"]) == (200, "close")
            assert await kept.closed()
        with suppress(ConnectionError):  # from the end of the drain, which may fall between two of our lines
            while "begin_stop" not in stub.told:
                answer = await ask(port, GET)
                assert (answer.status, answer.headers["connection"]) == (200, "close")
        assert "begin_stop" in stub.told
        assert asyncio.get_running_loop().time() - began >= 0.6
        await asyncio.wait_for(running, 20)
    assert stub.told == ["start", "drain", "begin_stop", "stop"]


@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM])
async def test_a_second_signal_ends_the_drain(second: signal.Signals, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "TOGETHER_S", 0)
    async with serving(60) as (server, stub, _, running):
        server.handle_exit(signal.SIGTERM, None)
        await eventually(lambda: "drain" in stub.told)
        server.handle_exit(second, None)
        await asyncio.wait_for(running, 20)


async def test_the_same_signal_from_two_sides_is_one_wish() -> None:
    async with serving(60) as (server, stub, port, running):
        server.handle_exit(signal.SIGTERM, None)
        server.handle_exit(signal.SIGTERM, None)
        await eventually(lambda: "drain" in stub.told)
        assert (await ask(port, GET)).status == 200
        assert stub.told == ["start", "drain"]
        assert not running.done()


async def test_an_interrupt_does_not_drain() -> None:
    async with serving(60) as (server, stub, _, running):
        server.handle_exit(signal.SIGINT, None)
        await asyncio.wait_for(running, 20)
    assert "drain" not in stub.told


async def test_a_service_that_gives_up_while_it_drains_ends_at_once() -> None:
    async with serving(60) as (server, stub, _, running):
        server.handle_exit(signal.SIGTERM, None)
        await eventually(lambda: "drain" in stub.told)
        stub.gave_up.set()
        await asyncio.wait_for(running, 20)

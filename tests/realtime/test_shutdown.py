"""A signal to the whole process: every stream gets its goodbye, and nothing that does not read holds the end up."""

import asyncio
import signal
import time
from contextlib import AsyncExitStack

import pytest

from reelhook.db import Database
from tests.ingest.serving import ask, connected, request
from tests.ingest.subject import subject

from .browser import Browser, Stalled


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT])
async def test_every_stream_gets_bye_and_the_process_ends_soon(
    sig: signal.Signals, prepared: Database, database_url: str
) -> None:
    prepared.close()
    async with subject(database_url) as server, AsyncExitStack() as stack:
        browsers = []
        for _ in range(50):
            line = await stack.enter_async_context(connected(server.port))
            await line.send(request(method="GET", path="/stream"))
            browsers.append(Browser(line))
            await browsers[-1].begin()
        sleepers = await asyncio.to_thread(lambda: [Stalled(server.port, path="/stream") for _ in range(10)])
        stack.callback(lambda: [sleeper.socket.close() for sleeper in sleepers])
        assert (await ask(server.port, request(method="POST", path="/append?n=60"))).status == 200
        for browser in browsers:
            assert [frame.id for frame in await browser.frames(60)] == list(range(1, 61))
        started = time.monotonic()
        status = await server.end(sig)
        took = time.monotonic() - started
        last = [await browser.rest() for browser in browsers]
        assert server.process.stdout is not None
        assert (await server.process.stdout.read()).splitlines()[-1] == b"stopped"
    assert [[frame.event for frame in frames] for frames in last] == [["bye"]] * 50
    assert len({frames[0].retry for frames in last}) > 10, "they must not all come back at once"
    assert status in ((-sig, 128 + sig) if sig is signal.SIGTERM else (-sig, 0, 1, 130))
    assert took < 15


async def test_a_stalled_reader_costs_the_process_little_memory(prepared: Database, database_url: str) -> None:
    prepared.close()
    async with subject(database_url) as server:
        await ask(server.port, request(method="POST", path="/append?n=10"))
        before = server.resident_bytes
        sleepers = await asyncio.to_thread(lambda: [Stalled(server.port, path="/stream") for _ in range(20)])
        for _ in range(10):
            assert (await ask(server.port, request(method="POST", path="/append?n=200"))).status == 200
        # Twenty times four megabytes went out; each of the twenty may keep a tenth of one, and all share a window.
        assert server.resident_bytes - before < 24 * 1024 * 1024
        for sleeper in sleepers:
            sleeper.socket.close()
        assert (await ask(server.port, request(method="GET", path="/plain"))).status == 200

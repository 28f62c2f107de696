"""What a worker serves beside its work."""

import asyncio
import socket

import httpx2 as httpx
import pytest

from reelhook.cli.beside import served
from reelhook.errors import WrongSetting
from tests.processes import free_port


async def app(scope: object, receive: object, send: object) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})  # type: ignore[operator]
    await send({"type": "http.response.body", "body": b""})  # type: ignore[operator]


async def test_it_is_there_as_long_as_the_work() -> None:
    address = f"127.0.0.1:{free_port()}"
    async with served(app, address) as (task,):
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"http://{address}/")).status_code == 204
        assert not task.done()
    assert task.done()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(*address.split(":"))


async def test_without_an_address_nothing_is_served() -> None:
    async with served(app, None) as nothing:
        assert nothing == []


async def test_an_address_that_is_taken_stops_the_start() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(WrongSetting, match=f"cannot listen on {address}"):
            async with served(app, address):
                raise AssertionError("it is not served")

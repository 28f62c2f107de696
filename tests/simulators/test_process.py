"""The process: says where it is, and ends when it is told to."""

import asyncio
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process

import aiohttp
import pytest

LIMIT_S = 20.0


async def start(*options: str) -> tuple[Process, dict[str, str]]:
    command = [sys.executable, "-m", "reelhook.simulators", *options]
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=PIPE)
    assert process.stdout is not None
    async with asyncio.timeout(LIMIT_S):
        return process, json.loads(await process.stdout.readline())


async def ended(process: Process) -> tuple[int | None, bytes, bytes]:
    async with asyncio.timeout(LIMIT_S):
        out, err = await process.communicate()
    return process.returncode, out, err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_says_where_it_is_and_ends_cleanly_on_a_signal(number: signal.Signals) -> None:
    process, told = await start()
    assert told["cloudinary_url"].endswith(f"?upload_prefix={told['cloudinary']}")
    async with aiohttp.ClientSession(headers={"X-Api-Key": told["heygen_api_key"]}) as session:
        async with session.get(f"{told['heygen']}/v3/videos") as response:
            assert response.status == 200
        async with session.get(f"{told['cloudinary']}/_control/idle") as response:
            assert await response.json() == {"idle": True}
    process.send_signal(number)
    assert await ended(process) == (0, b"", b"")


async def test_credentials_and_the_public_host_can_be_given() -> None:
    options = ["--heygen-api-key", "k", "--cloudinary-secret", "s", "--public-host", "localhost"]
    process, told = await start(*options)
    assert told["heygen_api_key"] == "k"
    assert told["heygen"].startswith("http://localhost:")
    assert ":s@demo?upload_prefix=http://localhost:" in told["cloudinary_url"]
    process.terminate()
    assert (await ended(process))[0] == 0


async def test_it_ends_with_its_parent() -> None:
    process, _ = await start("--end-with-stdin")
    assert process.stdin is not None
    process.stdin.close()
    assert (await ended(process))[0] == 0


async def test_it_ends_although_a_render_is_under_way() -> None:
    process, told = await start("--seconds-per-render", "600")
    async with aiohttp.ClientSession(headers={"X-Api-Key": told["heygen_api_key"]}) as session:
        body = {"type": "avatar", "avatar_id": "a", "script": "x"}
        async with session.post(f"{told['heygen']}/v3/videos", json=body) as response:
            assert response.status == 200
    os.kill(process.pid, signal.SIGTERM)
    assert await ended(process) == (0, b"", b"")


async def test_a_port_in_use_is_said_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        command = [sys.executable, "-m", "reelhook.simulators", "--heygen-port", str(taken.getsockname()[1])]
        process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE)
        code, out, err = await ended(process)
    assert (code, out, err.count(b"\n"), b"cannot listen" in err) == (1, b"", 1, True)


async def test_help() -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "reelhook.simulators", "--help", stdout=PIPE)
    code, out, _ = await ended(process)
    assert (code, b"--end-with-stdin" in out) == (0, True)

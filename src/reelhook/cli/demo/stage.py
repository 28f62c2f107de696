"""The processes of the demo: simulators and a Reelhook, started as their users would, ended by the pid we started."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import aiohttp
import orjson

from reelhook import settings
from reelhook.cli.local_api import connected
from reelhook.errors import Unavailable
from reelhook.kit.ids import Ids

START_LIMIT_S = 30.0
STOP_LIMIT_S = 30.0
USUAL_PORT = 8080
OPERATOR = "operator@demo.invalid"


@dataclass(frozen=True)
class Stage:
    """Where everything is."""

    base: str
    heygen: str
    api_key: str
    sign_in: str
    password: str
    log: Path


@asynccontextmanager
async def stage(folder: Path, session: aiohttp.ClientSession, *, any_port: bool) -> AsyncIterator[Stage]:
    """Simulators and service, running inside this block. Raises *Unavailable* when one does not come up."""
    log_path = folder / "reelhook.log"
    with log_path.open("ab") as log:
        async with _simulators(log) as simulators:
            port = _free_port(None if any_port else USUAL_PORT)
            base = f"http://127.0.0.1:{port}"
            secret = await _register(session, simulators, base)
            environment = _environment(folder, base, secret, simulators)
            async with _service(environment, port, base, session, log):
                password = Ids().token(8)
                api_key, sign_in = await _enter(environment, base, password)
                yield Stage(base, simulators["heygen"], api_key, sign_in, password, log_path)


def _environment(folder: Path, base: str, secret: str, simulators: Mapping[str, str]) -> dict[str, str]:
    """The settings of the demo's service: nothing of the caller's own, private addresses by name."""
    hosts = [address.split("//")[1] for address in (simulators["heygen"], simulators["cloudinary"])]
    own = {
        "DATABASE_URL": f"sqlite:///{folder / 'reelhook.db'}",
        "STORES": f"local:{folder / 'media'},cloudinary",
        "PUBLIC_URL": base,
        "CLOUDINARY_URL": simulators["cloudinary_url"],
        "HEYGEN_BASE_URL": simulators["heygen"],
        "HEYGEN_API_KEY": simulators["heygen_api_key"],
        "HEYGEN_WEBHOOK_SECRETS": secret,
        "FETCH_ALLOW": ",".join(hosts),
        "DRAIN_S": "0",  # nobody else could serve, and nobody waits
        "LOG_FORMAT": "json",
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith(settings.PREFIX)}
    return kept | {settings.PREFIX + name: value for name, value in own.items()}


async def _register(session: aiohttp.ClientSession, simulators: Mapping[str, str], base: str) -> str:
    """Point HeyGen at the service, as an operator would; the answer has the secret of its signatures."""
    url, headers = f"{simulators['heygen']}/v3/webhooks/endpoints", {"X-Api-Key": simulators["heygen_api_key"]}
    async with session.post(url, json={"url": f"{base}/webhooks/heygen"}, headers=headers) as response:
        answer = await response.json()
        response.raise_for_status()
    return str(answer["data"]["secret"])


async def _enter(environment: Mapping[str, str], base: str, password: str) -> tuple[str, str]:
    """An API key for the demo itself, and a link that signs the operator in."""
    async with connected(settings.load(environment)) as api:
        key = await api.call("POST", "/api/v1/keys", {"name": "demo", "role": "operator"})
        operator = {"email": OPERATOR, "role": "admin", "password": password}
        person = await api.call("POST", "/api/v1/people", operator)
        link = await api.call("POST", f"/api/v1/people/{person['id']}/sign-in-link")
    return key["key"], f"{base}/sign-in#link={link['token']}"


@asynccontextmanager
async def _simulators(log: IO[bytes]) -> AsyncIterator[dict[str, str]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "reelhook.simulators", "--end-with-stdin",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=log, start_new_session=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), START_LIMIT_S)
        if not line:
            raise Unavailable("the simulators did not start; see the log")
        yield orjson.loads(line)
    finally:
        await _end(process)


@asynccontextmanager
async def _service(
    environment: Mapping[str, str], port: int, base: str, session: aiohttp.ClientSession, log: IO[bytes]
) -> AsyncIterator[None]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "reelhook", "serve", "--port", str(port),
        env=dict(environment), stdout=log, stderr=log, start_new_session=True,
    )  # fmt: skip
    try:
        await asyncio.wait_for(_ready(process, base, session), START_LIMIT_S)
        yield
    finally:
        await _end(process)


async def _ready(process: asyncio.subprocess.Process, base: str, session: aiohttp.ClientSession) -> None:
    while True:
        if process.returncode is not None:
            raise Unavailable(f"the service ended with {process.returncode} at its start; see the log")
        with suppress(aiohttp.ClientError):
            async with session.get(f"{base}/readyz") as response:
                if response.status == 200:
                    return
        await asyncio.sleep(0.1)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_LIMIT_S)
    except TimeoutError:
        process.kill()
        await process.wait()


def _free_port(wanted: int | None) -> int:
    """*wanted* if nobody listens there, else any free one."""
    for port in (wanted, 0):
        if port is None:
            continue
        with closing(socket.socket()) as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            found: Any = probe.getsockname()
            return int(found[1])
    raise Unavailable("no free port on this machine")

"""nginx with the configuration that we ship, before two small servers that note what reaches them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from reelhook.ingest.body import MOST_BYTES
from tests.conftest import eventually
from tests.e2e.cluster import nginx
from tests.e2e.cluster.member import Member
from tests.processes import free_port

STREAM = "/api/v1/stream"


@dataclass
class Server:
    """Answers everything with *status*; on the stream it says one line, and the next when it is told to."""

    port: int = field(default_factory=free_port)
    status: int = 200
    seen: list[tuple[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        await request.read()
        self.seen.append((request.method, request.path_qs))
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        if request.path != STREAM:
            return web.Response(status=self.status, text=f"server {self.port}")
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"data: one\n\n")
        await self.go_on.wait()
        await response.write(b"data: two\n\n")
        return response


@dataclass
class Front:
    """nginx, its two servers, and a client."""

    folder: Path
    base: str
    servers: tuple[Server, Server]
    session: aiohttp.ClientSession

    async def ask(self, method: str, path: str, **given: object) -> tuple[int, dict[str, str], str]:
        async with self.session.request(method, self.base + path, **given) as response:  # type: ignore[arg-type]
            headers = {name.lower(): value for name, value in response.headers.items()}
            return response.status, headers, await response.text()

    @property
    def reached(self) -> list[tuple[str, str]]:
        return [each for server in self.servers for each in server.seen]


def program() -> str:
    found = nginx.nginx_binary()
    if found is None:
        pytest.skip("no nginx here: apt-get install nginx, or set REELHOOK_NGINX")
    return found


@pytest.fixture
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    binary, port, servers = program(), free_port(), (Server(), Server())
    main = nginx.write(tmp_path, port, [server.port for server in servers])
    member = Member("nginx", nginx.words(binary, main), {}, tmp_path / "said.log")
    runners = [await _serve(server) for server in servers]
    await member.start()
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as session:
        await eventually(lambda: _listens(port), what="nginx listens")
        yield Front(tmp_path, f"http://127.0.0.1:{port}", servers, session)
    member.terminate()
    await member.ended()
    for runner in runners:
        await runner.cleanup()


async def _serve(server: Server) -> web.AppRunner:
    app = web.Application(client_max_size=2 * MOST_BYTES)
    app.router.add_route("*", "/{rest:.*}", server.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", server.port).start()
    return runner


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate for nobody, and its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    now = datetime.now(UTC)
    signed = made.not_valid_before(now).not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256())
    (folder / "cert.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "cert.pem", folder / "key.pem"

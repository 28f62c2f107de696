"""The nginx configuration that we ship, in a real nginx before two small servers that note what reaches them."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from reelhook.cli.server import KEEP_ALIVE_S
from reelhook.ingest.body import MOST_BYTES
from reelhook.realtime.hub import HEARTBEAT_S
from tests.conftest import eventually
from tests.e2e.cluster import nginx
from tests.e2e.cluster.member import Member
from tests.processes import free_port

WEBHOOK = "/webhooks/heygen"
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


@pytest.mark.parametrize("status", [502, 503, 504])
async def test_a_webhook_goes_to_the_next_server_though_it_was_sent_already(front: Front, status: int) -> None:
    front.servers[0].status = status
    answers = {(await front.ask("POST", WEBHOOK, data=b"{}"))[0] for _ in range(4)}
    assert answers == {200}
    assert front.servers[0].seen, "the one that refuses was asked too"


async def test_what_changes_something_in_the_api_is_never_sent_twice(front: Front) -> None:
    for server in front.servers:
        server.status = 503
    status, _, _ = await front.ask("POST", "/api/v1/videos", data=b"{}")
    assert (status, front.reached) == (503, [("POST", "/api/v1/videos")])


async def test_when_every_server_refuses_a_webhook_the_servers_own_answer_comes_through(front: Front) -> None:
    for server in front.servers:
        server.status = 503
    status, _, text = await front.ask("POST", WEBHOOK, data=b"{}")
    assert (status, text[:6], len(front.reached)) == (503, "server", 3)


async def test_servers_that_all_failed_are_asked_at_once_when_they_are_well_again(front: Front) -> None:
    for server in front.servers:
        server.status = 503
    assert {(await front.ask("POST", WEBHOOK, data=b"{}"))[0] for _ in range(10)} == {503}
    for server in front.servers:
        server.status = 200
    assert {(await front.ask("POST", WEBHOOK, data=b"{}"))[0] for _ in range(10)} == {200}


async def test_when_nobody_can_be_reached_a_webhook_is_told_to_come_again(front: Front) -> None:
    nobody = nginx.site(nginx.SHIPPED.read_text(), int(front.base.rpartition(":")[2]), [1, 2], front.folder)
    (front.folder / "reelhook.conf").write_text(nobody)
    nginx.ask(program(), front.folder / "nginx.conf", "-s", "reload")

    async def refused() -> bool:
        return (await front.ask("GET", "/healthz"))[0] == 502

    await eventually(refused, what="nginx has read it anew")
    status, headers, _ = await front.ask("POST", WEBHOOK, data=b"{}")
    assert (status, headers["retry-after"]) == (503, "5")


async def test_a_body_may_be_as_large_as_ours_and_no_larger(front: Front) -> None:
    assert (await front.ask("POST", WEBHOOK, data=BytesIO(bytes(MOST_BYTES))))[0] == 200
    assert (await front.ask("POST", WEBHOOK, data=BytesIO(bytes(MOST_BYTES + 1))))[0] == 413


async def test_what_a_client_says_about_itself_ends_at_the_proxy(front: Front) -> None:
    claims = {"X-Forwarded-For": "10.1.1.1", "X-Forwarded-Proto": "https", "Forwarded": "for=10.1.1.1"}
    for path in (WEBHOOK, STREAM, "/api/v1/videos"):
        front.servers[0].go_on.set()
        front.servers[1].go_on.set()
        await front.ask("GET", path, headers=claims)
    for seen in (each for server in front.servers for each in server.headers):
        told = (seen["x-forwarded-for"], seen["x-forwarded-proto"], seen.get("forwarded"), seen["host"])
        assert told == ("127.0.0.1", "http", None, front.base.removeprefix("http://"))


async def test_each_line_of_a_stream_goes_out_when_it_comes_in_and_uncompressed(front: Front) -> None:
    async with front.session.get(front.base + STREAM, headers={"Accept-Encoding": "gzip"}) as response:
        assert await response.content.readline() == b"data: one\n"
        assert "content-encoding" not in response.headers
        for server in front.servers:
            server.go_on.set()
        assert await response.content.read() == b"\ndata: two\n\n"


async def test_no_secret_gets_into_the_log(front: Front) -> None:
    await front.ask("POST", f"{WEBHOOK}/callback/s3cret-path", data=b"{}")
    await front.ask("GET", "/api/v1/videos?token=s3cret-query")
    log = front.folder / "reelhook.log"
    await eventually(lambda: log.read_text().count("\n") == 2, what="both are logged")
    assert "s3cret" not in log.read_text()
    assert "/webhooks/heygen/callback/***" in log.read_text()


def test_its_times_fit_ours() -> None:
    seconds: Callable[[str], list[int]] = lambda name: [  # noqa: E731
        int(found) for found in re.findall(rf"^ +{name} (\d+)s;", nginx.SHIPPED.read_text(), re.MULTILINE)
    ]
    assert all(found < KEEP_ALIVE_S for found in seconds("keepalive_timeout"))
    assert max(seconds("proxy_read_timeout")) > 3 * HEARTBEAT_S


def test_the_tls_part_is_right_too(tmp_path: Path) -> None:
    shipped = nginx.SHIPPED.read_text()
    rest = shipped[shipped.index("# In the server above:") :].splitlines()[1:]
    lines = "\n".join(line.removeprefix("#") for line in rest if line)
    certificate, key = _certificate(tmp_path)
    for name, path in ((r"ssl_certificate ", certificate), (r"ssl_certificate_key ", key)):
        lines = re.sub(rf"{name} *\S+;", f"{name}{path};", lines)
    with_tls = nginx.site(shipped, free_port(), [free_port(), free_port()], tmp_path)
    with_tls = with_tls.replace("    server_name _;\n", lines.replace("listen 443", f"listen {free_port()}") + "\n")
    main = nginx.write(tmp_path, 1, [2, 3])
    (tmp_path / "reelhook.conf").write_text(with_tls)
    assert "ssl http2" in with_tls
    assert "test is successful" in nginx.ask(program(), main, "-t")


def _certificate(folder: Path) -> tuple[Path, Path]:
    """For nobody, signed by itself."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    now = datetime.now(UTC)
    signed = made.not_valid_before(now).not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256())
    (folder / "cert.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "cert.pem", folder / "key.pem"

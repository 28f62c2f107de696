"""The nginx configuration that we ship, in a real nginx before two small servers that note what reaches them."""

import re
from io import BytesIO
from pathlib import Path

import pytest

from reelhook.cli.server import KEEP_ALIVE_S
from reelhook.ingest.body import MOST_BYTES
from reelhook.realtime.hub import HEARTBEAT_S
from tests.conftest import eventually
from tests.e2e.cluster import nginx
from tests.e2e.cluster.conftest import STREAM, Front, program, self_signed
from tests.processes import free_port

WEBHOOK = "/webhooks/heygen"


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


def test_nothing_of_a_stream_is_kept_back_for_a_slow_reader() -> None:
    """Reelhook itself must feel that its reader is slow."""
    (stream,) = re.findall(r"^    location = /api/v1/stream \{\n(.*?)^    \}", nginx.SHIPPED.read_text(), re.M | re.S)
    assert "proxy_buffering off;" in stream
    assert "proxy_max_temp_file_size 0;" in nginx.SHIPPED.read_text(), "nor of a large video"


def test_its_times_fit_ours() -> None:
    assert max(seconds("keepalive_timeout")) < KEEP_ALIVE_S
    assert max(seconds("proxy_read_timeout")) > 3 * HEARTBEAT_S


def seconds(name: str) -> list[int]:
    """What the shipped file says, wherever it says it."""
    return [int(found) for found in re.findall(rf"^ +{name} (\d+)s;", nginx.SHIPPED.read_text(), re.MULTILINE)]


def test_the_tls_part_is_right_too(tmp_path: Path) -> None:
    shipped = nginx.SHIPPED.read_text()
    rest = shipped[shipped.index("# In the server above:") :].splitlines()[1:]
    lines = "\n".join(line.removeprefix("#") for line in rest if line)
    certificate, key = self_signed(tmp_path)
    for name, path in ((r"ssl_certificate ", certificate), (r"ssl_certificate_key ", key)):
        lines = re.sub(rf"{name} *\S+;", f"{name}{path};", lines)
    with_tls = nginx.site(shipped, free_port(), [free_port(), free_port()], tmp_path)
    with_tls = with_tls.replace("    server_name _;\n", lines.replace("listen 443", f"listen {free_port()}") + "\n")
    main = nginx.write(tmp_path, 1, [2, 3])
    (tmp_path / "reelhook.conf").write_text(with_tls)
    assert "ssl http2" in with_tls
    assert "test is successful" in nginx.ask(program(), main, "-t")

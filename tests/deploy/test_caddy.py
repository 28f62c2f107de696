"""A real Caddy with our file, before two servers of which one is gone."""

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2 as httpx
import pytest

from tests.deploy.artefacts import DEPLOY
from tests.processes import free_port, wait_until

CADDY = shutil.which("caddy")
pytestmark = pytest.mark.skipif(CADDY is None, reason="no Caddy here: apt-get install caddy")


class Standing(BaseHTTPRequestHandler):
    """Stands for Reelhook: ready, with a stream that says one thing and goes on, and a door that tells what came."""

    protocol_version = "HTTP/1.1"
    ended = threading.Event()

    def do_GET(self) -> None:
        if self.path == "/readyz":
            self._answer(b"ready")
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b"data: first\n\n")
        self.ended.wait(20)
        self.close_connection = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(body + f" from {self.headers['X-Forwarded-For']}".encode())

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return None


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("caddy")
    Standing.ended.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Standing)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with socket.socket() as nobody, (folder / "log").open("wb") as log:
        nobody.bind(("127.0.0.1", 0))  # it does not listen: whoever connects is refused
        at = f"http://127.0.0.1:{free_port()}"
        process = start(folder, at, server.server_address[1], nobody.getsockname()[1], log.fileno())
        try:
            wait_until(lambda: answers(at), what="Caddy serves")
            yield at
        finally:
            Standing.ended.set()
            process.kill()
            process.wait()
            server.shutdown()
            server.server_close()


def start(folder: Path, at: str, alive: int, gone: int, log: int) -> subprocess.Popen[bytes]:
    said = (DEPLOY / "caddy" / "Caddyfile").read_text()
    said = said.replace("reelhook.example.com {", f"{at} {{").replace(":8081", f":{alive}").replace(":8082", f":{gone}")
    (folder / "Caddyfile").write_text("{\n\tadmin off\n}\n" + said)
    home = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    command = [str(CADDY), "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
    return subprocess.Popen(command, env=os.environ | home, stdout=log, stderr=log, start_new_session=True)


def answers(at: str) -> bool:
    try:
        return httpx.get(f"{at}/readyz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def test_no_webhook_goes_to_a_server_that_is_not_ready_and_each_tells_who_sent_it(address: str) -> None:
    told = {"X-Forwarded-For": "6.6.6.6"}
    for number in range(6):
        answer = httpx.post(f"{address}/webhooks/heygen", content=b"%d" % number, headers=told, timeout=10)
        assert (answer.status_code, answer.text) == (200, f"{number} from 127.0.0.1")


def test_each_line_of_a_stream_goes_out_when_it_comes_in(address: str) -> None:
    with httpx.stream("GET", f"{address}/api/v1/stream", timeout=10) as answer:
        assert next(answer.iter_lines()) == "data: first"
        assert not Standing.ended.is_set()

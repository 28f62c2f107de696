"""What stands for Reelhook behind a balancer, and a place where nobody listens."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2 as httpx

ENDED = threading.Event()
"""Set when open streams are to end."""


class Standing(BaseHTTPRequestHandler):
    """Ready, with a stream that says one thing and goes on, and a door that tells what came."""

    protocol_version = "HTTP/1.1"
    ready = True

    def do_GET(self) -> None:
        if self.path == "/readyz":
            self._answer(b"ready", 200 if self.ready else 503)
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b"data: first\n\n")
        ENDED.wait(20)
        self.close_connection = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(body + f" from {self.headers['X-Forwarded-For']}".encode())

    def _answer(self, body: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return None


@contextmanager
def standing(kind: type[Standing] = Standing) -> Iterator[int]:
    """The port of one that runs inside this block."""
    ENDED.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield int(server.server_address[1])
    finally:
        ENDED.set()
        server.shutdown()
        server.server_close()


@contextmanager
def nobody() -> Iterator[int]:
    """A port that is taken and does not listen: whoever connects is refused."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield int(taken.getsockname()[1])


def is_ready(address: str) -> bool:
    """Whether somebody behind *address* says so."""
    try:
        return httpx.get(f"{address}/readyz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False

"""Videos that come as slowly as over a real link, and are not at their end while anything is measured."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FIRST = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"  # by this an MP4 is known
PIECE = b"x" * (1 << 20)
PIECES, PAUSE_S = 2_000, 0.2  # 5 MB/s each


class _Slow(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "video/mp4")
        self.send_header("content-length", str(len(FIRST) + len(PIECE) * PIECES))
        self.end_headers()
        with suppress(OSError):  # who downloads has had enough
            self.wfile.write(FIRST)
            for _ in range(PIECES):
                self.wfile.write(PIECE)
                time.sleep(PAUSE_S)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def slow_files() -> Iterator[int]:
    """Every path of the port that is given is such a video."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Slow) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()

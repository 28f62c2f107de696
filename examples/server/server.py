"""What the backend of a product does for its users: it serves the page, and asks Reelhook for tokens.

    REELHOOK_URL=http://127.0.0.1:8080 REELHOOK_KEY=rhk_… python examples/server/server.py examples/plain

The API key stays here. Needs nothing but Python.
"""

import json
import os
import sys
import urllib.request
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

URL = os.environ["REELHOOK_URL"].rstrip("/")
KEY = os.environ["REELHOOK_KEY"]
PORT = int(os.environ.get("PORT", "8000"))
TTL_S = int(os.environ.get("TTL_S", "3600"))

# The strictest policy under which the element works: its styles need no 'unsafe-inline'.
POLICY = f"default-src 'none'; style-src 'self'; script-src 'self' {URL}; connect-src 'self' {URL}; "
POLICY += f"img-src 'self' {URL}; media-src 'self' {URL}; base-uri 'none'; require-trusted-types-for 'script'"


def signed_in() -> str:
    """Which of our users asks. A real product reads its session here, and refuses whoever has none."""
    return os.environ.get("SUBJECT", "customer-12")


def token_for(subject: str) -> bytes:
    """A token that shows the videos of *subject* and nothing else."""
    asked = urllib.request.Request(  # noqa: S310 - the operator's own address
        f"{URL}/api/v1/stream-tokens",
        json.dumps({"subject": subject, "ttl_s": TTL_S}).encode(),
        {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310
        content: bytes = answer.read()
    return content


class Product(SimpleHTTPRequestHandler):
    """`/token`, the page with Reelhook's address filled in, and the files beside it."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/token":
            self.answer("application/json", token_for(signed_in()))
        elif path == "/":
            page = Path(self.directory, "index.html").read_text()
            self.answer("text/html; charset=utf-8", page.replace("REELHOOK_URL", URL).encode())
        else:
            super().do_GET()

    def answer(self, media_type: str, content: bytes) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)


if __name__ == "__main__":
    folder = sys.argv[1]
    server = ThreadingHTTPServer(("127.0.0.1", PORT), lambda *arguments: Product(*arguments, directory=folder))
    print(f"http://localhost:{server.server_address[1]}/?video=ID", flush=True)
    server.serve_forever()

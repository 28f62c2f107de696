"""Everything that can be asked of the API, asked once of a real service: the examples of its reference.

`python -m tests.docs.story` writes them to src/reelhook/api_examples.json anew.
"""

import json
import re
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from reelhook.openapi import EXAMPLES
from tests.docs import story_access, story_operations, story_telling, story_videos
from tests.docs.asking import Asking
from tests.processes import Service, Simulators, free_port, simulators

MOST_ENTRIES, MOST_TEXT = 2, 200
PUBLIC = "https://reelhook.example.com"
SECRETS = ((r"rhk_\w+", "rhk_…"), (r"whsec_[\w+/=]+", "whsec_…"), (r"[\w-]{20,}\.[\w-]{20,}\.?[\w.-]*", "…"))
NAMED_SECRETS = {"token", "key", "secret", "signature"}


class Receiver(BaseHTTPRequestHandler):
    """A system of a builder's that takes every message."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nobody reads it."""


@contextmanager
def receiver() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def told(folder: Path) -> dict[str, Any]:
    """The whole story in *folder*: what was asked of each operation, and what was answered."""
    with ExitStack() as around:
        outside = around.enter_context(simulators(seconds_per_render=0.3))
        system = around.enter_context(receiver())
        service = _started(folder, outside, system)
        around.callback(service.stop)
        asking = around.enter_context(closing(Asking(service, outside, system)))
        for chapter in (story_access, story_videos, story_telling, story_operations):
            chapter.tell(asking)
        return {name: _plain(asking.told[name], service, outside, system) for name in sorted(asking.told)}


def _started(folder: Path, outside: Simulators, system: str) -> Service:
    settings = dict(outside.settings())
    service = Service(folder, settings, port=free_port())
    allowed = (settings["fetch_allow"], service.base.split("//")[1], system.split("//")[1])
    settings |= {"fetch_allow": ",".join(map(str, allowed)), "public_url": service.base, "heygen_webhook_secrets": ""}
    settings |= {"api_rate": 0}
    return service.start()


def _plain(example: Any, service: Service, outside: Simulators, system: str) -> Any:
    """Without secrets, without anything of this machine, and short."""
    known = {
        service.base: PUBLIC,
        outside.heygen: "https://api.heygen.com",
        outside.cloudinary: "https://api.cloudinary.com",
        system: "https://app.example.com",
        str(service.folder): "/var/lib/reelhook",
        socket.gethostname(): "web-1",
    }
    known |= {address.split("//")[1]: plain.split("//")[1] for address, plain in known.items() if "//" in address}

    def text(value: str) -> str:
        for there, here in known.items():
            value = value.replace(there, here)
        for pattern, shown in SECRETS:
            value = re.sub(pattern, shown, value)
        value = value.replace("127.0.0.1", "203.0.113.7").replace("127.0.0.0/24", "203.0.113.0/24")
        return value if len(value) <= MOST_TEXT else value[:MOST_TEXT] + "…"

    def plain(value: Any, name: str = "") -> Any:
        if isinstance(value, Mapping):
            return {text(key): plain(inner, key) for key, inner in value.items()}
        if isinstance(value, list):
            return [plain(inner) for inner in value[:MOST_ENTRIES]]
        if isinstance(value, str):
            return "…" if name in NAMED_SECRETS else text(value)
        return value

    return plain(example)


if __name__ == "__main__":
    with TemporaryDirectory(prefix="reelhook-story-") as folder:
        EXAMPLES.write_text(json.dumps(told(Path(folder)), indent=1, ensure_ascii=False) + "\n")

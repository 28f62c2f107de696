"""Those who are measured: each takes an update over HTTP and sends it to all who listen."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from hatch_build import install, node_home
from tests.e2e.cluster.nginx import nginx_binary

from bench.kit import Process, free_port
from bench.kit.servers import ROOT, folder
from bench.streams.service import running
from bench.streams.wire import request

PEERS = ROOT / "bench" / "peers"
NCHAN = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")
MOST_FILES = 16_000
VIDEOS = 16
OURS, WITH_NCHAN, BETTER_SSE, SSE_STARLETTE = "Reelhook", "nginx + nchan", "better-sse", "sse-starlette"


@dataclass(frozen=True)
class Server:
    """One that runs: *ask* opens a stream, *tell* is the request that makes the update of this number."""

    pid: int
    port: int
    ask: bytes
    tell: Callable[[int], bytes]


Start = Callable[[], AbstractContextManager[Server]]


def starts(*wanted: str) -> dict[str, Start]:
    """How those of these names begin; what is not installed is left out."""
    there = NCHAN.exists() and nginx_binary() is not None
    return {name: STARTS[name] for name in wanted if there or name != WITH_NCHAN}


@contextmanager
def reelhook() -> Iterator[Server]:
    """`reelhook serve` as it comes. An update is a new title for one of some videos, in turns."""
    with running(api_rate=0) as service:  # one key changes all the titles
        videos = [service.video(f"first-{number}") for number in range(VIDEOS)]
        yield Server(service.pid, service.port, service.ask(), lambda number: service.title(videos, number))


@contextmanager
def nchan() -> Iterator[Server]:
    """nginx with nchan, one worker, messages kept in its memory."""
    with folder() as at:
        port, main = free_port(), Path(at, "nginx.conf")
        user = "user root;" if os.geteuid() == 0 else ""
        known = {"module": NCHAN, "user": user, "folder": at, "files": MOST_FILES, "port": port}
        main.write_text((PEERS / "nchan.conf").read_text().format(**known))
        with Process([nginx_binary() or "nginx", "-c", main, "-e", f"{at}/error.log"], port) as process:
            yield _peer(process)


@contextmanager
def better_sse() -> Iterator[Server]:
    """Node with better-sse."""
    home, port = PEERS / "better_sse", free_port()
    install(home)
    with Process([node_home() / "bin" / "node", home / "server.js", str(port)], port) as process:
        yield _peer(process)


@contextmanager
def sse_starlette() -> Iterator[Server]:
    """uvicorn with sse-starlette, with the same loop and parser as Reelhook."""
    port = free_port()
    words = ["-m", "uvicorn", "bench.peers.sse_starlette_app:app", "--port", str(port), "--backlog", "4096"]
    quiet = ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]
    with Process([sys.executable, *words, *quiet], port, cwd=ROOT) as process:
        yield _peer(process)


def _peer(process: Process) -> Server:
    ask = request("GET /stream", "accept: text/event-stream")
    return Server(process.pid, process.port, ask, lambda number: request("POST /publish", body=update(number)))


def update(number: int) -> bytes:
    """The data of an update as Reelhook sends it for a new title, for those who send what they are given."""
    video = {
        "id": "01a21afb-a9c5-705a-b63f-34f848815a6c",
        "heygen_video_id": f"first-{number % VIDEOS}",
        "subject": None,
        "title": f"Welcome to the team, {number:08d}",
        "state": "failed",
        "late": False,
        "failure": {"by": "heygen", "code": "unknown", "message": "no"},
        "progress": None,
        "eta_at": None,
        "link_expires_at": None,
        "asset": None,
        "created_at": "2026-11-27T03:10:30.341Z",
        "updated_at": "2026-11-27T03:10:30.345Z",
    }
    return json.dumps({"video": video}, separators=(",", ":")).encode()


STARTS: dict[str, Start] = {
    OURS: reelhook,
    WITH_NCHAN: nchan,
    BETTER_SSE: better_sse,
    SSE_STARLETTE: sse_starlette,
}

"""Our own service, and what is asked of it while streams are measured."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as httpx

from bench.kit import Process
from bench.kit.servers import configured, folder, postgres, redis, worker
from bench.kit.servers import reelhook as process
from bench.streams.wire import failure, request

LIMIT_S = 20.0
LOOK_S = 0.02
JSON = "content-type: application/json"


@dataclass(frozen=True)
class Service:
    """`reelhook serve` that runs; *again* is one on the same files, *key* an operator's, *client* asks with it."""

    server: Process
    again: Callable[[], Process]
    key: str
    client: httpx.Client

    @property
    def pid(self) -> int:
        return self.server.pid

    @property
    def port(self) -> int:
        return self.server.port

    def ask(self, credential: str | None = None, *fields: str) -> bytes:
        """Opens a stream: the operator's, who sees everything, or that of a stream token."""
        authority = f"authorization: Bearer {credential or self.key}"
        return request("GET /api/v1/stream", authority, "accept: text/event-stream", *fields)

    def title(self, videos: Sequence[str], number: int) -> bytes:
        """A request for a new title for one of *videos*, in turns: one update."""
        body = json.dumps({"title": f"Welcome to the team, {number:08d}"}).encode()
        authority = f"authorization: Bearer {self.key}"
        return request(f"PATCH /api/v1/videos/{videos[number % len(videos)]}", authority, JSON, body=body)

    def send(self, one: bytes, port: int | None = None) -> None:
        """Send a request, to another *port* if there is one, and wait for its answer.

        Raises *RuntimeError* unless that is a success.
        """
        with socket.create_connection(("127.0.0.1", port or self.port), timeout=LIMIT_S) as connection:
            connection.sendall(one)
            answer = connection.recv(4096)
        if not answer.startswith(b"HTTP/1.1 2"):
            raise RuntimeError(f"answered with {answer!r}")

    def video(self, heygen_id: str, subject: str | None = None) -> str:
        """Our id of a new video, of *subject*, for which no work is left."""
        self.send(failure(heygen_id))
        video_id = self.reached(heygen_id, "failed")
        if subject is not None:
            self.client.patch(f"/api/v1/videos/{video_id}", json={"subject": subject}).raise_for_status()
        return video_id

    def reached(self, heygen_id: str, state: str, *, limit_s: float = LIMIT_S, look_s: float = LOOK_S) -> str:
        """Wait until a video of HeyGen's is in *state*; returns our id of it."""
        until, last = time.monotonic() + limit_s, "unknown"
        while time.monotonic() < until:
            for video in self.client.get("/api/v1/videos").raise_for_status().json()["data"]:
                if video["heygen_video_id"] == heygen_id:
                    last = video["state"]
                    if last == state:
                        return str(video["id"])
            time.sleep(look_s)
        raise TimeoutError(f"{heygen_id} was not {state} but {last} after {limit_s:g} s")

    def token(self, subject: str) -> str:
        """A stream token of *subject*."""
        wanted = {"subject": subject, "ttl_s": 3600}
        return str(self.client.post("/api/v1/stream-tokens", json=wanted).raise_for_status().json()["token"])

    def head(self) -> int:
        """The id of the newest update."""
        return int(self.client.get("/api/v1/videos").raise_for_status().json()["stream_id"])


@contextmanager
def running(*words: str, **settings: Any) -> Iterator[Service]:
    """`reelhook serve WORDS` with a database of its own."""
    with folder() as place, process(at := Path(place), *words, **settings) as server:
        kept = {"database_url": f"sqlite:///{at / 'reelhook.db'}", **settings}
        base = f"http://127.0.0.1:{server.port}"
        local = httpx.HTTPTransport(uds=str(at / "reelhook.db.sock"))
        with httpx.Client(transport=local, base_url=base, timeout=LIMIT_S) as admin:
            made = admin.post("/api/v1/keys", json={"name": "bench", "role": "operator"})
            key = str(made.raise_for_status().json()["key"])
        authority = {"authorization": f"Bearer {key}"}
        with httpx.Client(base_url=base, headers=authority, timeout=LIMIT_S) as client:
            yield Service(server, lambda: process(at, *words, **kept), key, client)


@contextmanager
def running_apart(**settings: Any) -> Iterator[Service]:
    """`reelhook serve --no-worker` and `reelhook worker`, two processes on one Postgres and one Redis."""
    with ExitStack() as stack:
        at = Path(stack.enter_context(folder()))
        database = stack.enter_context(postgres(at))
        shared = {"database_url": database.create(), "redis_url": stack.enter_context(redis(at)), **settings}
        server = stack.enter_context(process(at, "--no-worker", **shared))
        stack.enter_context(worker(at, **shared))
        words = ("keys", "create", "bench", "--role", "operator", "--json")
        command = [sys.executable, "-m", "reelhook", *words]
        made = subprocess.check_output(command, env=configured(at, **shared))  # noqa: S603
        key = str(json.loads(made)["key"])
        base, authority = f"http://127.0.0.1:{server.port}", {"authorization": f"Bearer {key}"}
        client = stack.enter_context(httpx.Client(base_url=base, headers=authority, timeout=LIMIT_S))
        yield Service(server, lambda: process(at, "--no-worker", **shared), key, client)

"""How many bytes an answer has in each encoding, and what it costs: `python bench/http_compression.py`.

Everything runs in one process without a network, over the service's own ASGI app and a database of its own, in less
than a minute. The encodings take turns and the time is the processor's, so what else the machine does matters little.
"""

import argparse
import asyncio
import hashlib
import json
import platform
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import insert
from starlette.types import Message

from reelhook import logs
from reelhook.app import Service
from reelhook.auth import local_admin
from reelhook.db import Tx
from reelhook.db.tables import assets, videos
from reelhook.settings import Settings

ROOT = Path(__file__).parents[1]
SEED = 4
VIDEOS = 50
ROUNDS = 150
MOST_S = 10.0  # for one path, however slow the machine is
WAYS = ("identity", "gzip", "br", "zstd")
WORDS = ("spring", "launch", "update", "how", "onboard", "customer", "quarterly", "news", "welcome", "tour", "Berlin")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "bench" / "results" / "http-compression.json")
    out = parser.parse_args().out
    logs.configure("json")  # as the service does it: the lines of single requests are below its level
    report: dict[str, Any] = {
        "command": f"python bench/http_compression.py --out {out}",
        "python": platform.python_version(),
        "rounds": ROUNDS,
        "answers": asyncio.run(answers()),
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(report, indent=2) + "\n")
    Console().print(_table(report["answers"]))


async def answers() -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="reelhook-bench-") as folder:
        service = Service(
            Settings(
                database_url=f"sqlite:///{folder}/reelhook.db",
                stores=f"local:{folder}/media",
                api_rate=0,  # one key asks more quickly here than one may
            ),
            works=False,
        )
        service.start()
        await service.opened.wait()
        try:
            await service.parts.db.write(lambda tx: _fill(tx, service))
            key = await service.parts.access.keys.create(local_admin(), "bench", "operator")
            client = Client(service, key.key)
            return {name: await measured(client, path) for name, path in _paths(await client.get("/", "identity"))}
        finally:
            await service.stop()


class Client:
    """Asks the service without a network."""

    def __init__(self, service: Service, key: str) -> None:
        self._app, self._key = service.asgi, key

    async def get(self, path: str, encoding: str, if_none_match: str = "") -> "Answer":
        fields = {"authorization": f"Bearer {self._key}", "accept-encoding": encoding, "if-none-match": if_none_match}
        headers = [(name.encode(), value.encode()) for name, value in fields.items()]
        scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "query_string": b"",
            "headers": headers,
            "scheme": "http",
        }
        answer = Answer()
        await self._app(scope, _nothing, answer.take)
        return answer


class Answer:
    def __init__(self) -> None:
        self.status, self.headers, self.body = 0, dict[str, str](), b""

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        self.body += message.get("body", b"")


async def _nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def measured(client: Client, path: str) -> dict[str, Any]:
    """Bytes and the median processor time of a whole answer in each encoding, and of a 304."""
    first, first_us = dict[str, Answer](), dict[str, int]()
    for way in WAYS:
        begun = time.process_time()
        answer = first[way] = await client.get(path, way)
        first_us[way] = round((time.process_time() - begun) * 1e6)
        assert answer.headers.get("content-encoding", "identity") == way, (path, way)
    asked = [(way, way, "") for way in WAYS] + [("304", "identity", first["identity"].headers["etag"])]
    times: dict[str, list[float]] = {name: [] for name, *_ in asked}
    until = time.monotonic() + MOST_S
    for _ in range(ROUNDS):
        for name, encoding, etag in asked:
            begun = time.process_time()
            answer = await client.get(path, encoding, etag)
            times[name].append(time.process_time() - begun)
            assert answer.status == (304 if etag else 200)
        if time.monotonic() > until:
            break
    return {
        "path": path,
        "bytes": {way: len(answer.body) for way, answer in first.items()} | {"304": 0},
        "first_us": first_us,
        "us": {name: round(statistics.median(each) * 1e6) for name, each in times.items()},
    }


def _paths(shell: Answer) -> Iterator[tuple[str, str]]:
    yield f"board of {VIDEOS} videos", "/api/v1/videos"
    yield "openapi.json", "/openapi.json"
    words = shell.body.decode().split('"')
    for name, suffix in (("the app's script", ".js"), ("the app's styles", ".css")):
        yield name, next(word for word in words if word.startswith("/assets/index-") and word.endswith(suffix))


def _fill(tx: Tx, service: Service) -> None:
    """Finished videos as a board shows them: ids, digests and times do not repeat, words and states do."""
    chance, clock, ids = random.Random(SEED), service.parts.clock, service.parts.ids
    for number in range(VIDEOS):
        video_id, made = ids.new(), clock.now() - timedelta(minutes=17 * number)
        title = " ".join(chance.sample(WORDS, 4)).capitalize()
        digest = hashlib.sha256(title.encode() + bytes([number])).hexdigest()
        tx.execute(
            insert(videos).values(
                id=video_id, kind="avatar", heygen_video_id=digest[:32], subject=f"user-{chance.randrange(9000)}",
                title=title, store="local", state="ready", late=False, created_at=made,
                updated_at=made + timedelta(seconds=chance.randrange(300, 900)),
            )
        )  # fmt: skip
        for role in ("video", "poster"):
            tx.execute(
                insert(assets).values(
                    id=ids.new(), video_id=video_id, role=role, state="stored", store="local", location=digest,
                    content_type="video/mp4", bytes=chance.randrange(10**6, 10**8), sha256=digest, created_at=made,
                )
            )  # fmt: skip


def _table(results: dict[str, Any]) -> Table:
    table = Table("answer", "as", "bytes", "first, µs", "then, µs")
    for name, result in results.items():
        for way, us in result["us"].items():
            first = f"{result['first_us'][way]:,}" if way in result["first_us"] else ""
            table.add_row(name, way, f"{result['bytes'][way]:,}", first, f"{us:,}")
    return table


if __name__ == "__main__":
    main()

"""What one delivery costs the processor, part by part: `python -m bench.cost`. For who makes the front door quicker.

In one process and without a network: 100 deliveries are under way at once, through the whole of the service's ASGI app,
and what counts is the processor's time, that of the database's threads included. So it says the same on a busy machine.
`python -m cProfile -o FILE -m bench.cost --rounds 1` says where it goes.
"""

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import uvloop
from starlette.types import ASGIApp, Message

from bench.kit import Reach, Report, given, take_turns
from bench.kit.rounds import Figures
from bench.kit.servers import SECRET, folder
from bench.peers.unstored import Unstored
from reelhook import logs, parts
from reelhook.app import Service
from reelhook.inbox import Inbox
from reelhook.settings import Settings
from reelhook.simulators.load import Plan

DELIVERIES, AT_ONCE = 5000, 100
BARE, WHOLE, UNSTORED, QUIET = "bare app", "ours, SQLite", "ours, nothing stored", "ours, SQLite, no lines"


def main() -> None:
    os.environ["SECRET"] = SECRET
    settings = given(__doc__, rounds=5, seconds=0)
    with open(os.devnull, "w") as nowhere:
        logs.sys = SimpleNamespace(stderr=nowhere)  # type: ignore[attr-defined,assignment]
        ways = {
            BARE: lambda: uvloop.run(_bare()),
            WHOLE: lambda: uvloop.run(ours()),
            UNSTORED: lambda: uvloop.run(ours(inbox=Unstored)),
            QUIET: lambda: uvloop.run(ours(level="error")),
        }
        rounds = take_turns(ways, settings.rounds)
    reaches = [
        Reach(way, "us", base) for way, base in ((WHOLE, BARE), (UNSTORED, BARE), (WHOLE, UNSTORED), (QUIET, WHOLE))
    ]
    Report("cost", "Processor time of one delivery", rounds, reaches, "us", "µs").write(settings)


async def _bare() -> Figures:
    from bench.peers.bare import app  # noqa: PLC0415 - it reads the secret when it is read

    return await _cost(app)


async def ours(inbox: type[Inbox] = Inbox, level: str = "info") -> Figures:
    """What a delivery costs through the whole service, with this *inbox*, and lines from this *level* on."""
    logs.configure("json", level)
    with folder() as name, _with(inbox):
        at = Path(name)
        config = Settings(
            database_url=f"sqlite:///{at / 'reelhook.db'}",
            stores=f"local:{at / 'media'}",
            heygen_webhook_secrets=SECRET,
        )
        service = Service(config, works=False, serves=False)
        service.start()
        await service.opened.wait()
        try:
            return await _cost(service.asgi)
        finally:
            await service.stop()


@contextmanager
def _with(inbox: type[Inbox]) -> Iterator[None]:
    parts.Inbox = inbox  # type: ignore[attr-defined]
    try:
        yield
    finally:
        parts.Inbox = Inbox  # type: ignore[attr-defined]


async def _cost(app: ASGIApp) -> Figures:
    requests = Plan(port=0, event_type="avatar_video.fail", secret=SECRET, most=DELIVERIES).requests()
    prepared = iter([_prepared(request) for request in requests])
    begun = time.process_time()
    await asyncio.gather(*(_deliver(app, prepared) for _ in range(AT_ONCE)))
    return {"us": (time.process_time() - begun) / DELIVERIES * 1e6}


def _prepared(request: bytes) -> tuple[dict[str, Any], bytes]:
    head, _, body = request.partition(b"\r\n\r\n")
    headers = [tuple(line.split(b": ", 1)) for line in head.split(b"\r\n")[1:]]
    scope = {"type": "http", "method": "POST", "path": "/webhooks/heygen", "query_string": b"", "headers": headers}
    return {**scope, "scheme": "http", "client": ("127.0.0.1", 1), "http_version": "1.1"}, body


async def _deliver(app: ASGIApp, prepared: Iterator[tuple[dict[str, Any], bytes]]) -> None:
    """One after the other, as a connection does."""
    for scope, body in prepared:
        statuses: list[int] = []

        async def receive(body: bytes = body) -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message, statuses: list[int] = statuses) -> None:
            statuses.append(message.get("status", 0))

        await app(scope, receive, send)
        assert statuses[0] == 200, statuses


if __name__ == "__main__":
    main()

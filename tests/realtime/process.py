"""Front door and stream as a process of their own, run by the real `Server`: `python -m tests.realtime.process DB`.

It prints its port. `POST /append?n=…` writes updates, `GET /plain` answers at once.
"""

import asyncio
import socket
import sys
from datetime import UTC, datetime
from typing import Any

import uvloop
from starlette.types import Receive, Scope, Send

from reelhook.auth.principal import local_admin
from reelhook.auth.standing import Standing
from reelhook.cli.server import Server
from reelhook.cli.sockets import tcp_socket
from reelhook.db import Database, Tx
from reelhook.db.schema import prepare
from reelhook.inbox import Inbox, Rejections
from reelhook.ingest import FrontDoor, Guard, SecretBook, Senders
from reelhook.jobs import Queue
from reelhook.kit import problem
from reelhook.kit.bus import LocalBus
from reelhook.kit.clock import SystemClock
from reelhook.kit.ids import Ids
from reelhook.kit.sealing import Sealer
from reelhook.limits import Limits
from reelhook.realtime import Hub, StreamEndpoint, append
from reelhook.realtime.cap import MemoryCap
from tests.conftest import eventually

SECRET = "whsec_of_a_process"


class MiniService:
    """As much of `app.Service` as the server asks for."""

    failed = None

    def __init__(self, url: str) -> None:
        clock = SystemClock()
        ids = Ids(clock)
        self.db = Database(url)
        self.db.migrate(prepare)
        bus = LocalBus()
        self.hub = Hub(self.db, bus, MemoryCap(bus, clock, 1000), Standing(self.db, clock), clock, ids)
        self.inbox = Inbox(self.db, ids, Queue(clock, ids))
        self.gave_up = asyncio.Event()
        book = SecretBook(self.db, Sealer(["key"]), clock, ids, lambda: [SECRET])
        guard = Guard(Limits(clock), Senders(self.db, clock), allow=(), enforce=True, rate=0, wrong_rate=0)
        self._front = FrontDoor(guard, book, self.inbox, Rejections(self.db, clock, ids), clock)
        self._stream = StreamEndpoint(self.hub, clock, ids)

    def start(self) -> None:
        self._following = asyncio.create_task(self.hub.run())

    def drain(self) -> float:
        return 0

    def begin_stop(self) -> None:
        self.hub.close()

    async def stop(self) -> None:
        await self.inbox.close()
        self._following.cancel()
        await asyncio.gather(self._following, return_exceptions=True)
        self.db.close()
        say("stopped")

    async def asgi(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"] = {"principal": local_admin()}
        if scope["path"] == "/webhooks/heygen":
            await self._front(scope, receive, send)
        elif scope["path"] == "/stream":
            await self._stream(scope, receive, send)
        else:
            if scope["path"] == "/append":
                await self._append(int(scope["query_string"].removeprefix(b"n=")))
            await problem.respond(send, 200, b"ok", "text/plain")

    async def _append(self, many: int) -> None:
        def write(tx: Tx) -> None:
            for number in range(many):
                append(tx, "video.updated", {"number": number, "filler": "x" * 2000}, at=datetime.now(UTC))

        await self.db.write(write)


class AnnouncedServer(Server):
    """Says its port as soon as it listens and its hub follows the log."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        await eventually(lambda: self._service.hub.cursor is not None)
        say(str(self.servers[0].sockets[0].getsockname()[1]))


def say(word: str) -> None:
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


async def main(url: str) -> None:
    service: Any = MiniService(url)
    await AnnouncedServer(service).serve([tcp_socket("127.0.0.1", 0)])


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1]))

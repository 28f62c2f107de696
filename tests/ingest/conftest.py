"""Both doors behind a real server, on a real database."""

import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, select
from starlette.types import Receive, Scope, Send

from reelhook.auth.callback_tokens import CallbackTokens
from reelhook.db import Database
from reelhook.events import sign
from reelhook.inbox import Inbox, Rejections
from reelhook.ingest import CallbackDoor, FrontDoor, Guard, SecretBook, Senders
from reelhook.jobs import Queue
from reelhook.kit.addresses import networks
from reelhook.kit.ids import Ids
from reelhook.kit.sealing import Sealer
from reelhook.limits import Limits
from tests.conftest import StillClock
from tests.inbox.conftest import plain_logs
from tests.servers import prepared_file

from .serving import request, served

__all__ = ["plain_logs", "prepared_file"]

SECRET = "whsec_of_a_test"


def signed(body: bytes, secret: str = SECRET, *, header: str = "signature", **other: str) -> bytes:
    return request(body, **{header: sign(body, secret)}, **other)


class Scene:
    """What a test may turn: the secrets while it serves, and the guard before."""

    def __init__(self, db: Database, clock: StillClock, ids: Ids) -> None:
        self.db, self.clock, self.ids = db, clock, ids
        self.secrets: list[str] = [SECRET]
        self.sealer = Sealer(["a key of the tests"])
        self.tokens = CallbackTokens(self.sealer)
        self.inbox = Inbox(db, ids, Queue(clock, ids))
        self.book = SecretBook(db, self.sealer, clock, ids, lambda: list(self.secrets))
        self.limits = Limits(clock)
        self.senders = Senders(db, clock)
        self.rejections = Rejections(db, clock, ids, self.book.everything)

    @asynccontextmanager
    async def serve(
        self,
        *,
        allow: Sequence[str] = (),
        enforce: bool = True,
        rate: float = 0,
        wrong_rate: float = 0,
        trusted: Sequence[str] = (),
        **options: Any,
    ) -> AsyncIterator[int]:
        nets = networks(allow)
        guard = Guard(self.limits, self.senders, allow=nets, enforce=enforce, rate=rate, wrong_rate=wrong_rate)
        proxies = networks(trusted)
        front = FrontDoor(guard, self.book, self.inbox, self.rejections, self.clock, proxies)
        callback = CallbackDoor(guard, self.tokens.video_id, self.inbox, self.rejections, self.clock, proxies)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            door = callback if "/callback/" in scope["path"] else front
            await door(scope, receive, send)

        async with served(app, **options) as port:
            yield port

    async def rows(self, table: Table) -> list[Any]:
        order = next(iter(table.primary_key.columns))
        return await self.db.read(lambda conn: list(conn.execute(select(table).order_by(order))))


@pytest.fixture
def database_url(prepared_file: Path, tmp_path: Path) -> str:
    shutil.copy(prepared_file, tmp_path / "reelhook.db")
    return f"sqlite:///{tmp_path / 'reelhook.db'}"


@pytest.fixture
def scene(db: Database, clock: StillClock, ids: Ids) -> Scene:
    return Scene(db, clock, ids)


@pytest.fixture
async def port(scene: Scene) -> AsyncIterator[int]:
    async with scene.serve() as port:
        yield port

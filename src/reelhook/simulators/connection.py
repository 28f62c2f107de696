"""Hanging up on a client, which ASGI has no word for."""

import asyncio
from typing import cast

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

EXTENSION = "reelhook.simulators.connection"


class HangUpProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol, which shows the application its connection."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {EXTENSION: {"transport": self.transport}}


async def hang_up(scope: Scope, receive: Receive) -> None:
    """Close the connection after what was already written; returns when it is closed."""
    cast(asyncio.Transport, scope["extensions"][EXTENSION]["transport"]).close()
    while (await receive())["type"] != "http.disconnect":
        pass


class HangUp(Response):
    """No answer at all: the client sees a connection that ends."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await hang_up(scope, receive)

"""The API of the jobs alone, asked as whoever a test wants to be."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from reelhook.api import create_api
from reelhook.auth import Audit
from reelhook.auth.principal import of_key
from reelhook.jobs.dead_letters import DeadLetters
from reelhook.jobs.endpoints import router
from tests.jobs.scene import Scene

OPERATOR = of_key("k", "builder", "operator", None)


class Caller:
    """Answers every request as if *principal* had sent it."""

    def __init__(self, scene: Scene) -> None:
        audit = Audit(scene.db, scene.clock)
        self.app, self.principal = create_api(router(scene.db, DeadLetters(scene.clock), audit)), OPERATOR

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        scope["state"] = {"principal": self.principal}
        await self.app(scope, receive, send)


@asynccontextmanager
async def client(caller: Caller) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=caller, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://us/api/v1") as http:
        yield http

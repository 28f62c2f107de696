"""What the kill test and the load test ask of one process that has a SQLite file."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from tests.e2e.kill.facts import beside
from tests.e2e.kill.scene import Scene, T


@dataclass(kw_only=True)
class OnSqlite(Scene):
    """A service whose database is a file."""

    @property
    def database(self) -> Path:
        raise NotImplementedError

    async def look(self, question: Callable[[Any], T]) -> T:
        def asked() -> T:
            with beside(self.database) as db:
                return question(db)

        return await asyncio.to_thread(asked)

    async def make_key(self) -> None:
        """An API key, by way of the socket that only the operator of the machine can open."""
        connector = aiohttp.UnixConnector(f"{self.database}.sock")
        async with (
            aiohttp.ClientSession(connector=connector) as local,
            local.post("http://reelhook/api/v1/keys", json={"name": "test", "role": "operator"}) as response,
        ):
            response.raise_for_status()
            self.key = (await response.json())["key"]

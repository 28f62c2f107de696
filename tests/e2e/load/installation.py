"""What the load is for: one process with SQLite, or a whole cluster; and how a new version is put in its place."""

import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from tests.e2e.cluster.cluster import Cluster, cluster
from tests.e2e.cluster.member import LOOK_S, READY_LIMIT_S, Member, Web
from tests.e2e.kill.on_sqlite import OnSqlite
from tests.e2e.kill.scene import RENDER_S, Scene
from tests.processes import simulators

DRAIN_S = 1
COMES_BY_ITSELF_S = 1.0
MOST_RENDERS = 100_000
ANSWER_LIMIT_S = 10.0  # HeyGen's, after which a delivery has not succeeded


@dataclass(kw_only=True)
class Single(OnSqlite):
    """The start: one process, one SQLite file."""

    web: Web

    @property
    def webs(self) -> list[Web]:
        return [self.web]

    @property
    def workers(self) -> list[Member]:
        return []

    @property
    def database(self) -> Path:
        return self.folder / "reelhook.db"

    @property
    def media(self) -> Path:
        return self.folder / "media"

    async def hurry(self) -> None:
        """Nothing outside fails here, so nothing waits for long."""
        await asyncio.sleep(COMES_BY_ITSELF_S)

    async def install(self) -> None:
        """Start it, and make an API key."""
        await self.web.start()
        await self.web.ready(self.session)
        await self.make_key()

    async def stop(self) -> None:
        """SIGTERM, and an end in good order."""
        self.web.terminate()
        await self.web.ended()


Installation = Single | Cluster


@dataclass(frozen=True)
class Replaced:
    """One process in a deploy: when it was told to end, when it had ended, when the next one was ready."""

    name: str
    told: float
    ended: float
    ready: float


async def deploy(here: Installation) -> list[Replaced]:
    """One process after the other, as docs/rolling-deploys.md says."""
    return [await _replace(here, member) for member in (*here.webs, *here.workers)]


async def _replace(here: Installation, member: Member) -> Replaced:
    told = time.time()
    member.terminate()
    await member.ended()
    ended = time.time()
    await member.start()
    if isinstance(member, Web):
        await member.ready(here.session)
    else:
        await _works(here, member)
    return Replaced(member.name, told, ended, time.time())


async def _works(here: Installation, worker: Member) -> None:
    """Wait for its first heartbeat: without that, all workers of an installation would be starting at once."""
    assert worker.process is not None
    known = f"SELECT count(*) FROM processes WHERE pid = {worker.process.pid}"
    async with asyncio.timeout(READY_LIMIT_S):
        while not await here.look(lambda db: db.execute(known).fetchone()[0]):
            worker.check()
            await asyncio.sleep(LOOK_S)


def installation(*, many: bool) -> AbstractAsyncContextManager[Installation]:
    """An installation that HeyGen knows and none of whose processes has run. Nothing of it is left."""
    return _cluster() if many else _single()


@asynccontextmanager
async def _cluster() -> AsyncIterator[Installation]:
    async with cluster() as here:
        await _as_on_a_usual_day(here)
        yield here


@asynccontextmanager
async def _single() -> AsyncIterator[Installation]:
    folder = Path(tempfile.mkdtemp(prefix="reelhook-load-"))
    try:
        # Clients that die in the middle of a request make them complain, at length.
        with (folder / "simulators.log").open("wb") as log, simulators(RENDER_S, complaints=log) as outside:
            connector, timeout = aiohttp.TCPConnector(limit=0), aiohttp.ClientTimeout(total=60)
            async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
                web = Web("web", (), {}, folder / "web.log", port=0)
                here = Single(folder=folder, outside=outside, session=session, web=web)
                await here.introduce()
                await _as_on_a_usual_day(here)
                web.port = here.port
                web.words = [sys.executable, "-m", "reelhook", "serve", "--port", str(here.port)]
                web.environment = here.settings(database_url=f"sqlite:///{here.database}", drain_s=DRAIN_S)
                try:
                    yield here
                finally:
                    await web.kill()
    finally:
        shutil.rmtree(folder)


async def _as_on_a_usual_day(here: Scene) -> None:
    """HeyGen renders whatever is asked for, and waits for an answer as long as it really does."""
    settings = {"concurrency": MOST_RENDERS, "answer_timeout_s": ANSWER_LIMIT_S}
    await here.control("heygen", "PATCH", "/settings", settings)

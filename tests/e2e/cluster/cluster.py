"""The installation: nginx, two web and two worker processes, Postgres, Redis, and the simulated world outside."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import psycopg

from tests.e2e.cluster import nginx
from tests.e2e.cluster.member import Member, Web
from tests.e2e.cluster.servers import postgres, redis, temporary
from tests.e2e.kill.scene import RENDER_S, Broken, Scene, T
from tests.processes import free_port, run_command, simulators
from tests.redis_server import RedisServer
from tests.servers import Postgres

WEBS, WORKERS = 2, 2
DRAIN_S = 1
MOST_STREAMS = 100_000  # of one person: a subject has many viewers here


@dataclass(kw_only=True)
class Cluster(Scene):
    """Users know *port*, which is nginx's."""

    postgres: Postgres
    redis: RedisServer
    database_url: str
    nginx: str
    proxy: Member
    webs: list[Web]
    workers: list[Member]

    @property
    def members(self) -> list[Member]:
        return [*self.webs, *self.workers, self.proxy]

    @property
    def media(self) -> Path:
        return self.folder / "media"

    async def look(self, question: Callable[[Any], T]) -> T:
        def asked() -> T:
            with psycopg.connect(self.database_url) as db:
                return question(db)

        return await asyncio.to_thread(asked)

    async def hurry(self) -> None:
        await self.look(lambda db: db.execute("UPDATE jobs SET run_at = 0 WHERE state IN ('available', 'retryable')"))

    def check(self) -> None:
        """Raises *Broken* when a process died that nobody killed."""
        for member in self.members:
            member.check()

    async def install(self) -> None:
        """Start everything for the first time, and make an API key. The first process of all prepares the database."""
        first, *others = self.webs
        await first.start()
        await first.ready(self.session)
        for member in (*others, *self.workers, self.proxy):
            await member.start()
        words = ("keys", "create", "cluster test", "--role", "operator", "--json")
        made = await asyncio.to_thread(run_command, *words, environment=first.environment)
        if made.returncode:
            raise Broken(f"no key could be made: {made.stderr}")
        self.key = json.loads(made.stdout)["key"]
        for web in others:
            await web.ready(self.session)

    async def stop(self) -> None:
        """SIGTERM to all at once, and an end in good order."""
        for member in self.members:
            member.terminate()
        for member in self.members:
            await member.ended()

    async def end(self) -> None:
        """Whatever happened: nothing goes on running."""
        for member in (*self.webs, *self.workers):
            await member.kill()
        if self.proxy.runs:
            self.proxy.terminate()  # killed, it would leave its own processes behind
            await self.proxy.ended()

    async def reload(self) -> None:
        """`nginx -s reload`."""
        await asyncio.to_thread(nginx.ask, self.nginx, self.folder / "nginx" / "nginx.conf", "-s", "reload")


@asynccontextmanager
async def cluster() -> AsyncIterator[Cluster]:
    """An installation in which HeyGen knows us, and none of whose processes has run. Nothing of it is left."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(temporary("cluster")))
        database = stack.enter_context(postgres())
        broker = stack.enter_context(redis(folder))
        # Clients that die in the middle of a request make the simulators complain, at length.
        complaints = stack.enter_context((folder / "simulators.log").open("wb"))
        outside = stack.enter_context(simulators(RENDER_S, complaints=complaints))
        connector, timeout = aiohttp.TCPConnector(limit=0), aiohttp.ClientTimeout(total=30)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            made = Cluster(
                folder=folder, outside=outside, session=session, postgres=database, redis=broker,
                database_url=database.create(), nginx=nginx.nginx_binary() or "", proxy=Member("nginx", (), {}, folder),
                webs=[], workers=[],
            )  # fmt: skip
            await made.introduce()
            _people(made)
            try:
                yield made
            finally:
                await made.end()


def _people(made: Cluster) -> None:
    """The processes, none of them started."""
    environment = made.settings(
        database_url=made.database_url,
        redis_url=made.redis.url,
        secret_key="k" * 40,
        trusted_proxies="127.0.0.1",
        streams_per_person=MOST_STREAMS,
        drain_s=DRAIN_S,
    )
    command, logs = [sys.executable, "-m", "reelhook"], made.folder
    for number in range(WEBS):
        name, port = f"web-{number}", free_port()
        words = [*command, "serve", "--no-worker", "--port", str(port)]
        made.webs.append(Web(name, words, environment, logs / f"{name}.log", port=port))
    for number in range(WORKERS):
        name = f"worker-{number}"
        made.workers.append(Member(name, [*command, "worker"], environment, logs / f"{name}.log"))
    (made.folder / "nginx").mkdir()
    main = nginx.write(made.folder / "nginx", made.port, [web.port for web in made.webs])
    made.proxy = Member("nginx", nginx.words(made.nginx, main), environment, logs / "nginx.log")

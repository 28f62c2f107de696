"""A key that is revoked on one server stops working on every server within a second, whatever Redis does."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import httpx2 as httpx

from tests.e2e.many import Installation, installation, postgres, redis_server
from tests.processes import Service, wait_until
from tests.redis_server import RedisServer

__all__ = ["installation", "postgres", "redis_server"]

LIMIT_S = 1.0


class Busy:
    """Uses a key without a pause, and notes when each request began and how it was answered."""

    def __init__(self, service: Service, key: str) -> None:
        self.answers: list[tuple[float, int]] = []
        self._client = httpx.Client(base_url=service.base, headers={"Authorization": f"Bearer {key}"}, timeout=15)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._stop.is_set():
            began = time.monotonic()
            self.answers.append((began, self._client.get("/api/v1/videos?limit=1").status_code))

    @contextmanager
    def running(self) -> Iterator[None]:
        self._thread.start()
        try:
            yield
        finally:
            self._stop.set()
            self._thread.join()
            self._client.close()

    def counts(self, status: int) -> int:
        return sum(answered == status for _, answered in self.answers)


def test_a_revoked_key_stops_working_on_every_server_within_a_second(
    installation: Installation, redis_server: RedisServer
) -> None:
    servers = [installation.service(), installation.service()]
    with ThreadPoolExecutor() as starting:
        list(starting.map(lambda server: server.start(arguments=("--no-worker",)), servers))
    with servers[0].client("admin") as admin:
        revoked_while_busy(admin, servers, lambda: None)
        revoked_while_busy(admin, servers, redis_server.stop)
        for server in servers:
            assert hits(server, admin) > 0.8


def revoked_while_busy(admin: httpx.Client, servers: list[Service], before: Callable[[], None]) -> None:
    made = admin.post("/api/v1/keys", json={"name": "busy", "role": "operator"}).json()
    users = [Busy(server, made["key"]) for server in servers]
    with ExitStack() as running:
        for user in users:
            running.enter_context(user.running())
        wait_until(lambda: all(user.counts(200) >= 50 for user in users), what="both servers know the key")
        before()
        assert admin.delete(f"/api/v1/keys/{made['id']}").status_code == 204
        revoked = time.monotonic()
        wait_until(lambda: all(user.counts(401) >= 20 for user in users), what="both refuse the key")
    for user in users:
        assert {status for _, status in user.answers} == {200, 401}
        last_good = max(began for began, status in user.answers if status == 200)
        assert last_good - revoked < LIMIT_S


def hits(server: Service, admin: httpx.Client) -> float:
    """The share of lookups of keys that cost no query, as `/metrics` tells it."""
    told = admin.get(f"{server.base}/metrics").text
    found = {name: float(count) for name, count in re.findall(r'cache_total{cache="keys",result="(\w+)"} (\S+)', told)}
    return 1 - found["miss"] / sum(found.values())

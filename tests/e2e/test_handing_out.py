"""Work is handed out across real processes, and one of them leads; it is killed, and its heir is told to stop."""

import signal
import socket
import time
from typing import Any

import psycopg

from tests.e2e.many import Installation, installation, postgres, redis_server
from tests.e2e.test_many import failure
from tests.processes import wait_until
from tests.redis_server import RedisServer

__all__ = ["installation", "postgres", "redis_server"]

DONE = "SELECT count(*) FROM jobs WHERE kind = 'apply_events' AND state = 'done'"


def test_work_is_handed_out_and_a_dead_leader_is_replaced(
    installation: Installation, redis_server: RedisServer
) -> None:
    web = installation.service().start(arguments=("--no-worker",))
    workers = [installation.worker(web).start() for _ in range(3)]
    with psycopg.connect(str(installation.settings["database_url"]), autocommit=True) as database:

        def heir(*gone: int) -> Any:
            pid = leader(database)
            return pid if pid not in (None, *gone) else None

        first = wait_until(heir, what="one leads")
        assert web.post(failure()).status_code == 200
        wait_until(lambda: count(database) == 1, what="the event is applied")
        with redis_server.client() as client:
            (group,) = client.xinfo_groups("reelhook:0:jobs:quick")
        assert group["last-delivered-id"] != b"0-0", "its job came by the lane, from a process that does not work"

        by_pid = {worker.process.pid: worker for worker in workers if worker.process}
        killed = time.monotonic()
        by_pid[first].end(signal.SIGKILL)
        second = wait_until(lambda: heir(first), what="another leads")
        assert time.monotonic() - killed < 15, "8 s, and something for a busy machine"

        assert by_pid[second].end(signal.SIGTERM) in (0, -signal.SIGTERM)
        let_go = time.monotonic()
        wait_until(lambda: heir(first, second), what="the last one leads")
        assert time.monotonic() - let_go < 5, "the next turn of another, not the end of a lease"
        assert web.post(failure()).status_code == 200
        wait_until(lambda: count(database) == 2, what="the other event is applied")


def leader(database: psycopg.Connection[Any]) -> int | None:
    """The process that has the lease now."""
    row = database.execute("SELECT owner, until FROM leases WHERE name = 'leader'").fetchone()
    if row is None or row[1] <= time.time() * 1e6:
        return None
    host, _, pid = row[0].rpartition(":")
    assert host == socket.gethostname()
    return int(pid)


def count(database: psycopg.Connection[Any]) -> int:
    return int(database.execute(DONE).fetchone()[0])  # type: ignore[index]

"""The same service on Postgres: a web process that runs no jobs, and a worker beside it."""

import signal
import subprocess
import sys

from tests.processes import STOP_LIMIT_S, Service, wait_until
from tests.redis_server import RedisServer, redis_server
from tests.servers import Postgres, postgres

__all__ = ["postgres", "redis_server"]

FAILURE = {"event_type": "avatar_video.fail", "event_data": {"video_id": "hg-1", "msg": "No such voice"}}


def test_a_worker_of_its_own_applies_what_the_web_process_took(
    service: Service, postgres: Postgres, redis_server: RedisServer
) -> None:
    service.settings |= {"database_url": postgres.create(), "secret_key": "k" * 40, "redis_url": redis_server.url}
    service.start(arguments=("--no-worker",))
    assert service.post(FAILURE).status_code == 200
    with service.client() as client:
        assert client.get("/api/v1/videos").json()["data"] == []
        worker = subprocess.Popen(
            [sys.executable, "-m", "reelhook", "worker"],
            env=service.environment(),
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            found = wait_until(lambda: client.get("/api/v1/videos").json()["data"], what="the worker applies it")
            assert found[0]["failure"]["message"] == "No such voice"
        finally:
            worker.send_signal(signal.SIGTERM)
            _, said = worker.communicate(timeout=STOP_LIMIT_S)
    assert worker.returncode == 0
    assert b"Traceback" not in said


def test_postgres_needs_a_secret_key_that_all_processes_share(service: Service) -> None:
    service.settings |= {"database_url": "postgresql://127.0.0.1:1/nowhere"}
    refused = service.command("serve", "--port", "0")
    assert (refused.returncode, "REELHOOK_SECRET_KEY must be set" in refused.stderr) == (1, True)


def test_a_command_says_so_when_the_database_is_away(service: Service) -> None:
    service.settings |= {"database_url": "postgresql://127.0.0.1:1/nowhere", "secret_key": "k" * 40}
    refused = service.command("keys", "create", "x")
    assert (refused.returncode, "the database cannot be reached" in refused.stderr) == (1, True)

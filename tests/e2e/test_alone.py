"""Postgres without Redis: one process serves, a second is refused in one line, and a dead one is succeeded."""

import psycopg
import pytest

from tests.processes import Service, WorkerProcess
from tests.servers import TEMPLATE, Postgres, postgres

__all__ = ["postgres"]

EVENT = {"event_type": "avatar_video.fail", "event_data": {"video_id": "hg-1", "msg": "No such voice"}}


@pytest.fixture
def service(service: Service, postgres: Postgres) -> Service:
    service.settings |= {"database_url": postgres.create(TEMPLATE), "secret_key": "k" * 40}
    return service


def test_a_second_process_is_refused_whatever_it_is_and_commands_are_not(service: Service) -> None:
    service.start()
    assert service.process is not None
    worker = WorkerProcess(service).start()
    refused = service.command("serve", "--port", "0")
    last = refused.stderr.strip().splitlines()[-1]
    assert refused.returncode == 1
    assert last.endswith(
        f":{service.process.pid} already serves this database; to run more than one process, set REELHOOK_REDIS_URL "
        "for all of them"
    )
    assert worker.process is not None
    assert worker.process.wait(20) == 1
    assert "set REELHOOK_REDIS_URL" in worker.log.strip().splitlines()[-1]
    with service.client() as client:  # `keys create` opens the database beside it
        assert client.get("/api/v1/videos").status_code == 200
    assert service.post(EVENT).status_code == 200


def test_after_a_sigkill_the_next_one_serves_without_waiting_for_the_lease(service: Service) -> None:
    service.start().kill()
    service.start()
    assert "lease.held" not in service.log
    service.stop()
    service.start()
    assert "lease.held" not in service.log


def test_one_whose_lease_another_took_ends_and_says_why(service: Service) -> None:
    """As after a SIGSTOP, or a machine that was put to sleep."""
    service.start()
    assert service.process is not None
    with psycopg.connect(str(service.settings["database_url"]), autocommit=True) as database:
        database.execute("UPDATE leases SET owner = 'there:7 place life' WHERE name = 'process'")
    assert service.process.wait(20) == 1
    assert "there:7 has taken over this database" in service.log.strip().splitlines()[-1]

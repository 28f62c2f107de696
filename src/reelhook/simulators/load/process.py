"""Servers to be measured: begun on cores of their own, waited for, and ended by their pid."""

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

START_LIMIT_S = 60.0
STOP_LIMIT_S = 30.0
LOOK_S = 0.005

_ALL = sorted(os.sched_getaffinity(0))
# Clients have the last core to themselves, so that what they need is not taken from what they measure.
CLIENT_CORES: Collection[int] = _ALL[-1:]
SERVER_CORES: Collection[int] = _ALL[:-1] or _ALL


class Process:
    """A program that runs inside a `with` block. *ready* is a path that answers 200, or "" for any open *port*."""

    def __init__(
        self,
        command: Sequence[str | Path],
        port: int,
        *,
        ready: str = "",
        environment: Mapping[str, str] = os.environ,
        cores: Collection[int] = SERVER_CORES,
        cwd: Path | None = None,
    ) -> None:
        self._command, self.port, self._ready = list(map(str, command)), port, ready
        self._environment, self._cores, self._cwd = dict(environment), cores, cwd
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the process
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(  # noqa: S603
            self._command,
            env=self._environment,
            cwd=self._cwd,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
            preexec_fn=lambda: os.sched_setaffinity(0, self._cores),
        )
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """SIGTERM, and SIGKILL to one that does not heed it."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def said(self) -> str:
        """The end of what it printed."""
        self._log.seek(0)
        return self._log.read().decode(errors="replace")[-2000:]

    def _wait(self) -> None:
        assert self._process is not None
        until = time.monotonic() + START_LIMIT_S
        while not self._answers():
            if self._process.poll() is not None:
                raise RuntimeError(f"{self._command[0]} ended with {self._process.returncode}: {self.said()}")
            if time.monotonic() > until:
                raise RuntimeError(f"{self._command[0]} was not ready within {START_LIMIT_S:g} s: {self.said()}")
            time.sleep(LOOK_S)

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=2) as one:
            if not self._ready:
                return True
            one.sendall(f"GET {self._ready} HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n".encode())
            return one.recv(64).split(b" ")[1:2] == [b"200"]
        return False


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])

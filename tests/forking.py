"""Our own processes, begun at once: forked from one that has read the code and has run nothing of it yet.

Reading the code takes more than a second of a core, and the tests begin some hundreds of processes. What is forked is
a process like any other: with its own pid, environment, session and files, to be stopped and killed. Those who test
the beginning itself start Python anew.
"""

import ctypes
import gc
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parents[1]
MOST_BYTES = 1 << 20
LOOK_S = 0.01
PR_SET_CHILD_SUBREAPER = 36
STANDARD = (0, 1, 2)


class Forked:
    """A process, as far as `subprocess.Popen` would show it."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float) -> int:
        """Raises *subprocess.TimeoutExpired* when it still runs after *timeout* seconds."""
        until = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout)
            time.sleep(LOOK_S)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def fork(
    module: str, *words: str, environment: Mapping[str, str], stdin: int | None, stdout: int, stderr: int
) -> Forked:
    """`python -m module words` in a session of its own, in the root folder; *None* reads nothing."""
    with open(os.devnull, "rb") as nothing:
        files = [nothing.fileno() if stdin is None else stdin, stdout, stderr]
        return _mother().fork({"module": module, "words": words, "environment": dict(environment)}, files)


class _Mother:
    """The process that has read the code, and our end of a socket to it. It ends with this process."""

    def __init__(self) -> None:
        self._asking = threading.Lock()
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.forking", str(theirs.fileno())],
                cwd=ROOT,
                env={name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )

    def fork(self, wish: Mapping[str, object], files: Sequence[int]) -> Forked:
        with self._asking:
            _adopt(True)  # our child, though another process forked it: we alone may wait for it
            try:
                socket.send_fds(self._socket, [json.dumps(wish).encode()], files)
                pid = int(self._socket.recv(MOST_BYTES))
            finally:
                _adopt(False)
        return Forked(pid)


@cache
def _mother() -> _Mother:
    return _Mother()


def _adopt(grandchildren: bool) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, int(grandchildren), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def main() -> None:
    """Read the code, then fork for everybody who asks, until nobody can ask any more."""
    commands = (f"cli.{command.replace('-', '_')}" for command in _commands())
    for name in ("app", "simulators.process", "archive.stores.cloudinary", *commands):
        import_module(f"reelhook.{name}")
    import_module("alembic.command")  # which a process loads by itself only when it migrates
    assert threading.active_count() == 1, "a fork copies one thread only"
    gc.collect()
    gc.freeze()
    with socket.socket(fileno=int(sys.argv[1])) as asked:
        while (wish := _next(asked)) is not None:
            if not _forked(asked, *wish):
                break
        else:
            return
    _become(*wish)


def _commands() -> Sequence[str]:
    from reelhook.cli.main import COMMANDS

    return COMMANDS


def _next(asked: socket.socket) -> tuple[bytes, list[int]] | None:
    wish, files, _, _ = socket.recv_fds(asked, MOST_BYTES, len(STANDARD))
    return (wish, files) if wish else None


def _forked(asked: socket.socket, _: bytes, files: list[int]) -> bool:
    """Whether this is still the one who was asked. Its grandchild is the one that was asked for."""
    told, tells = os.pipe()
    between = os.fork()
    if between == 0:
        pid = os.fork()
        if pid == 0:
            os.close(told)
            os.close(tells)
            return False
        os.write(tells, str(pid).encode())
        os._exit(0)
    os.waitpid(between, 0)  # only then has the grandchild another parent
    asked.send(os.read(told, 64))
    for file in (told, tells, *files):
        os.close(file)
    return True


def _become(wish: bytes, files: list[int]) -> None:
    """Be what was asked for; whatever ends that ends this process, as if it had begun so."""
    os.setsid()
    for file, standard in zip(files, STANDARD, strict=True):
        os.dup2(file, standard)
        os.close(file)
    wanted = json.loads(wish)
    os.environ.clear()
    os.environ.update(wanted["environment"])
    time.tzset()
    if "COVERAGE_PROCESS_CONFIG" in os.environ:
        import_module("coverage").process_startup()
    sys.argv[1:] = wanted["words"]
    runpy.run_module(wanted["module"], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()

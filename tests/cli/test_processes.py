"""The process that looks after several others."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reelhook.cli import processes as room
from reelhook.cli.processes import KeepsDying, Processes
from tests.conftest import eventually

BEGINS = "import os, socket, sys, time; print('ready', flush=True); open(sys.argv[1], 'a').write(f'{os.getpid()}\\n'); "
LIVES = BEGINS + "time.sleep(60)"
LIVES_ON = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + LIVES


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as one:
        one.set_inheritable(True)
        yield one


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "AGAIN_S", 0.01)
    monkeypatch.setattr(room, "QUICK_S", 0.2)


def python(code: str, *words: object) -> list[str]:
    return [sys.executable, "-S", "-c", code, *map(str, words)]


def pids(file: Path) -> list[int]:
    return [int(line) for line in file.read_text().split()] if file.exists() else []


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_process_that_dies_is_started_again_and_all_end_with_the_signal(
    tmp_path: Path, listener: socket.socket
) -> None:
    files = [tmp_path / "one", tmp_path / "two"]
    running = asyncio.create_task(Processes([python(LIVES, file) for file in files], listener, 5, str(tmp_path)).run())
    await eventually(lambda: all(pids(file) for file in files))
    for number in range(1, 4):
        await asyncio.sleep(room.QUICK_S + 0.05)  # so long that it served
        os.kill(pids(files[0])[-1], signal.SIGKILL)
        await eventually(lambda number=number: len(pids(files[0])) == number + 1)  # type: ignore[misc]
    assert len(pids(files[1])) == 1, "the other was left alone"
    os.kill(os.getpid(), signal.SIGTERM)
    assert await asyncio.wait_for(running, 10) == signal.SIGTERM
    assert [pid for file in files for pid in pids(file) if alive(pid)] == []


async def test_what_the_dead_told_of_themselves_goes_and_what_they_counted_stays(
    tmp_path: Path, listener: socket.socket
) -> None:
    told = tmp_path / "told"
    told.mkdir()
    file = tmp_path / "one"
    code = (
        "import os; folder = os.environ['PROMETHEUS_MULTIPROC_DIR']; "
        "[open(f'{folder}/{kind}_{os.getpid()}.db', 'x') for kind in ('gauge_livesum', 'gauge_livemax', 'counter')]; "
    )
    running = asyncio.create_task(Processes([python(code + LIVES, file)], listener, 5, str(told)).run())
    await eventually(lambda: bool(pids(file)))
    assert len(list(told.iterdir())) == 3
    (pid,) = pids(file)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(running, 10)
    assert [left.name for left in told.iterdir()] == [f"counter_{pid}.db"]


@pytest.mark.parametrize("ready", [True, False])
async def test_one_that_dies_at_once_again_and_again_takes_all_with_it(
    tmp_path: Path, listener: socket.socket, ready: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "QUICK_S", 30)  # however busy the machine is
    steady, sick = tmp_path / "steady", tmp_path / "sick"
    dies = "open(sys.argv[1], 'a').write('.'); os._exit(1)"
    dies = ("import os, sys; " + ("print('ready', flush=True); " if ready else "")) + (
        f"import time\nwhile not os.path.exists('{steady}'): time.sleep(0.01)\ntime.sleep(0.05)\n" + dies
    )
    with pytest.raises(KeepsDying, match=f"{room.MOST_QUICK} times in a row .* with 1"):
        await asyncio.wait_for(
            Processes([python(LIVES, steady), python(dies, sick)], listener, 5, str(tmp_path)).run(), 20
        )
    assert len(sick.read_text()) == room.MOST_QUICK
    assert not alive(pids(steady)[0])


async def test_one_that_never_starts_is_not_tried_twice(tmp_path: Path, listener: socket.socket) -> None:
    slow = f"import time; time.sleep({2 * room.QUICK_S}); open('{tmp_path}/x', 'x'); exit(1)"
    with pytest.raises(KeepsDying, match="for the reason it gave"):
        await asyncio.wait_for(Processes([python(slow)], listener, 5, str(tmp_path)).run(), 20)


async def test_a_process_that_does_not_end_is_killed(
    tmp_path: Path, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "LET_GO_S", 0.3)
    file = tmp_path / "one"
    running = asyncio.create_task(Processes([python(LIVES_ON, file)], listener, 0, str(tmp_path)).run())
    await eventually(lambda: bool(pids(file)))
    os.kill(os.getpid(), signal.SIGTERM)
    assert await asyncio.wait_for(running, 10) == signal.SIGTERM
    assert not alive(pids(file)[0])


async def test_a_process_has_the_socket_and_a_stdin_that_stays_open(tmp_path: Path, listener: socket.socket) -> None:
    file = tmp_path / "one"
    code = BEGINS + "socket.socket(fileno=int(sys.argv[2])).getsockname(); sys.stdin.read()"
    running = asyncio.create_task(Processes([python(code, file, listener.fileno())], listener, 5, str(tmp_path)).run())
    await eventually(lambda: bool(pids(file)))
    await asyncio.sleep(room.QUICK_S)
    assert len(pids(file)) == 1
    os.kill(os.getpid(), signal.SIGINT)
    assert await asyncio.wait_for(running, 10) == signal.SIGINT

"""One process owns a SQLite file; the lock goes with the process, however it ends."""

import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reelhook.db.ownership import AlreadyOwned, Ownership, lock_path, socket_path

HOLD = """
import sys, time
from pathlib import Path
from reelhook.db.ownership import Ownership
lock = Ownership.take(Path(sys.argv[1]))
print("mine", flush=True)
time.sleep(60)
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "reelhook.db"


@pytest.fixture
def owner(database: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(database)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "mine\n"
        yield process
        process.kill()


def test_a_second_process_is_refused_and_told_who_has_it(database: Path, owner: subprocess.Popen[str]) -> None:
    with pytest.raises(AlreadyOwned, match=f"in use by process {owner.pid};.*Postgres") as refused:
        Ownership.take(database)
    assert (refused.value.status, refused.value.code) == (409, "database_owned")


def test_after_a_sigkill_it_is_free_at_once(database: Path, owner: subprocess.Popen[str]) -> None:
    owner.send_signal(signal.SIGKILL)
    owner.wait(10)
    Ownership.take(database).release()


def test_it_can_be_given_back_and_taken_again(database: Path) -> None:
    first = Ownership.take(database)
    with pytest.raises(AlreadyOwned):
        Ownership.take(database)
    first.release()
    Ownership.take(database).release()


def test_another_name_for_the_same_file_is_the_same_database(tmp_path: Path, database: Path) -> None:
    alias = tmp_path / "alias.db"
    alias.symlink_to(database)
    lock = Ownership.take(database)
    with pytest.raises(AlreadyOwned):
        Ownership.take(alias)
    lock.release()
    assert socket_path(alias) == socket_path(database) == tmp_path / "reelhook.db.sock"


def test_nobody_else_may_read_the_lock(database: Path) -> None:
    lock = Ownership.take(database)
    assert stat.S_IMODE(lock_path(database).stat().st_mode) == 0o600
    lock.release()


def test_an_owner_that_did_not_write_its_name_is_unknown(database: Path) -> None:
    lock = Ownership.take(database)
    lock_path(database).write_text("")
    with pytest.raises(AlreadyOwned, match="process unknown"):
        Ownership.take(database)
    lock.release()

"""The disk whose power can be cut keeps what POSIX promises, and nothing more."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.kill.cut import Disk, build, compiler

PRELUDE = """
import os
def write(path, text, sync=True):
    with open(path, "a") as file:
        file.write(text); file.flush(); sync and os.fsync(file.fileno())
def sync(path="."):
    descriptor = os.open(path, os.O_RDONLY); os.fsync(descriptor); os.close(descriptor)
"""
pytestmark = pytest.mark.skipif(compiler() is None, reason="no C compiler here, so no power can be cut")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    built = build(tmp_path_factory.mktemp("library"))
    assert built is not None
    return built


@pytest.fixture
def disk(tmp_path: Path, library: Path) -> Disk:
    (tmp_path / "live").mkdir()
    made = Disk(tmp_path / "live", library, tmp_path / "shadow")
    made.settle()
    return made


@pytest.fixture
def do(disk: Disk) -> Callable[[str], None]:
    """Run some Python with the disk as its folder."""

    def run(code: str) -> None:
        command = [sys.executable, "-S", "-E", "-c", PRELUDE + code]
        subprocess.run(command, env=os.environ | disk.environment(), cwd=disk.live, check=True, timeout=30)

    return run


def files(disk: Disk) -> dict[str, str]:
    return {str(path.relative_to(disk.live)): path.read_text() for path in disk.live.rglob("*") if path.is_file()}


Do = Callable[[str], None]


def test_a_file_whose_bytes_and_name_were_synced_survives(disk: Disk, do: Do) -> None:
    do("write('a', 'one'); sync()")
    disk.cut()
    assert files(disk) == {"a": "one"}


def test_bytes_written_after_the_last_sync_are_gone(disk: Disk, do: Do) -> None:
    do("write('a', 'one'); sync(); write('a', 'two', sync=False)")
    disk.cut()
    assert files(disk) == {"a": "one"}


def test_a_synced_file_without_a_durable_name_is_gone(disk: Disk, do: Do) -> None:
    do("write('a', 'one')")
    disk.cut()
    assert files(disk) == {}


def test_a_durable_name_without_synced_bytes_is_an_empty_file(disk: Disk, do: Do) -> None:
    do("write('a', 'one', sync=False); sync()")
    disk.cut()
    assert files(disk) == {"a": ""}


def test_a_rename_counts_once_the_folder_is_synced(disk: Disk, do: Do) -> None:
    do("write('a', 'one'); sync(); os.rename('a', 'b')")
    disk.cut()
    assert files(disk) == {"a": "one"}
    do("os.rename('a', 'b'); sync()")
    disk.cut()
    assert files(disk) == {"b": "one"}


def test_a_deletion_counts_once_the_folder_is_synced(disk: Disk, do: Do) -> None:
    do("write('a', 'one'); sync(); os.unlink('a')")
    disk.cut()
    assert files(disk) == {"a": "one"}
    do("os.unlink('a'); sync()")
    disk.cut()
    assert files(disk) == {}


def test_a_folder_is_gone_with_all_that_is_synced_in_it_when_its_own_name_is_not(disk: Disk, do: Do) -> None:
    do("os.mkdir('d'); write('d/a', 'one'); sync('d')")
    disk.cut()
    assert files(disk) == {}
    do("os.mkdir('d'); write('d/a', 'one'); sync('d'); sync()")
    disk.cut()
    assert files(disk) == {"d/a": "one"}


def test_a_new_file_in_the_place_of_a_deleted_one_does_not_inherit_its_bytes(disk: Disk, do: Do) -> None:
    do("write('a', 'one'); sync(); os.unlink('a'); write('b', 'two', sync=False); sync()")
    disk.cut()
    assert files(disk) == {"b": ""}


def test_a_second_cut_takes_only_what_came_after_the_first(disk: Disk, do: Do) -> None:
    do("write('a', 'one'); sync()")
    disk.cut()
    do("write('a', 'two'); write('b', 'x')")
    disk.cut()
    assert files(disk) == {"a": "onetwo"}


def test_a_full_disk_refuses_every_write_below_the_folder_and_no_other(disk: Disk, do: Do, tmp_path: Path) -> None:
    disk.full.touch()
    for call in ("os.write(f, b'x')", "os.pwrite(f, b'x', 0)", "os.writev(f, [b'x'])"):
        do(
            f"""
f = os.open('a', os.O_RDWR | os.O_CREAT)
try:
    {call}
except OSError as error:
    assert error.errno == {errno.ENOSPC}, error
else:
    raise SystemExit('it was written')
"""
        )
    do(f"write({str(tmp_path / 'elsewhere')!r}, 'x')")
    disk.full.unlink()
    do("write('a', 'x')")

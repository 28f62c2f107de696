"""A file that is put is there whole, or not at all, and for our eyes only."""

import errno
import os
import stat
from pathlib import Path

import pytest

from reelhook.kit.files import put, sync_file, sync_folder


def test_it_is_there_whole_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    put(tmp_path / "a", b"first")
    put(tmp_path / "a", b"second")
    assert (tmp_path / "a").read_bytes() == b"second"
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_disk_that_is_full_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "a", b"first")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        put(tmp_path / "a", b"second")
    assert (tmp_path / "a").read_bytes() == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_content_and_name_are_both_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    fsync = os.fsync

    def spy(descriptor: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", spy)
    put(tmp_path / "a", b"x")
    sync_file(tmp_path / "a")
    sync_folder(tmp_path)
    assert synced == [str(tmp_path / "a.new"), str(tmp_path), str(tmp_path / "a"), str(tmp_path)]

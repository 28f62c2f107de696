"""Folders that survive a power cut."""

import os
from pathlib import Path

import pytest

from reelhook.kit.files import make_folder


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders whose names were made durable."""
    found: list[Path] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: found.append(Path(os.readlink(f"/proc/self/fd/{descriptor}"))))
    return found


def test_the_name_of_every_folder_that_was_missing_is_made_durable(tmp_path: Path, synced: list[Path]) -> None:
    make_folder(tmp_path / "a" / "b")
    assert set(synced) == {tmp_path, tmp_path / "a"}
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


def test_the_name_of_one_that_was_there_is_made_durable_too(tmp_path: Path, synced: list[Path]) -> None:
    (tmp_path / "a").mkdir()
    make_folder(tmp_path / "a")
    assert synced == [tmp_path]


def test_a_folder_above_that_may_not_be_read_is_no_trouble(
    tmp_path: Path, synced: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, flags: int) -> int:
        raise PermissionError(13, "no", str(path))

    monkeypatch.setattr(os, "open", refuse)
    (tmp_path / "a").mkdir()
    make_folder(tmp_path / "a")
    assert synced == []

"""A crash at any moment of the exchange leaves a whole database, and the old files stay together."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reelhook.backup import placing
from reelhook.backup.placing import PARTS, finish, preparing, put_in_place


class Crash(BaseException):
    """The power went."""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """An old one with its log and its index, and a new one beside it, ready."""
    for part in PARTS:
        (tmp_path / f"reelhook.db{part}").write_text(f"old{part}")
    preparing(tmp_path / "reelhook.db").write_text("new")
    return tmp_path / "reelhook.db"


def replaced(database: Path) -> dict[str, str]:
    """The content of what was moved aside."""
    (folder,) = database.parent.glob("reelhook.db.replaced-*")
    return {path.name: path.read_text() for path in folder.iterdir()}


OLD = {f"reelhook.db{part}": f"old{part}" for part in PARTS}


def test_the_new_one_is_in_place_and_all_old_files_are_aside_together(database: Path) -> None:
    aside = put_in_place(database)
    assert aside is not None
    assert database.read_text() == "new"
    assert replaced(database) == OLD
    assert sorted(path.name for path in database.parent.iterdir()) == ["reelhook.db", aside.name]


def test_where_nothing_was_there_nothing_is_moved(tmp_path: Path) -> None:
    preparing(tmp_path / "reelhook.db").write_text("new")
    assert put_in_place(tmp_path / "reelhook.db") is None
    assert [path.name for path in tmp_path.iterdir()] == ["reelhook.db"]


def test_what_is_only_prepared_means_nothing(database: Path) -> None:
    assert finish(database) is None
    assert database.read_text() == "old"
    assert preparing(database).read_text() == "new"


def crashing(monkeypatch: pytest.MonkeyPatch, at: int) -> Callable[[], bool]:
    """From here on the *at*-th rename never happens; tells whether it came to that."""
    count = 0

    def counted(original: Callable[..., Any]) -> Callable[..., Any]:
        def rename(*names: Any) -> Any:
            nonlocal count
            count += 1
            if count == at:
                raise Crash
            return original(*names)

        return rename

    monkeypatch.setattr(Path, "rename", counted(Path.rename))
    monkeypatch.setattr(os, "replace", counted(os.replace))
    return lambda: count >= at


@pytest.mark.parametrize("at", range(2, 7))
def test_a_crash_after_it_was_decided_is_finished_by_who_opens_it_next(
    database: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    with monkeypatch.context() as patch:
        crashed = crashing(patch, at)
        with pytest.raises(Crash):
            put_in_place(database)
        assert crashed()
    assert finish(database) is not None
    assert database.read_text() == "new"
    assert replaced(database) == OLD
    assert finish(database) is None


def test_a_crash_before_it_was_decided_changes_nothing(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        crashing(patch, 1)
        with pytest.raises(Crash):
            put_in_place(database)
    assert finish(database) is None
    assert {part: (database.with_name(f"reelhook.db{part}")).read_text() for part in PARTS} == {
        part: f"old{part}" for part in PARTS
    }


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was renamed and synced, in order."""
    done: list[str] = []
    rename, replace = Path.rename, os.replace
    monkeypatch.setattr(Path, "rename", lambda old, new: (done.append(Path(new).name), rename(old, new)))
    monkeypatch.setattr(os, "replace", lambda old, new: (done.append(Path(new).name), replace(old, new)))
    monkeypatch.setattr(placing, "sync_folder", lambda folder: done.append(f"sync {folder.name[:20]}"))
    return done


def test_the_old_log_is_gone_for_good_before_the_new_file_has_its_name(database: Path, steps: list[str]) -> None:
    put_in_place(database)
    here = f"sync {database.parent.name[:20]}"
    assert steps == ["reelhook.db.restored", here, *OLD, "sync reelhook.db.replaced", here, "reelhook.db", here]

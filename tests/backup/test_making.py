"""A backup is one moment of the database, verified, whole or not there, and tells what it does not hold."""

import errno
import hashlib
import json
import os
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from reelhook.backup import contents, copying
from reelhook.backup.errors import BackupExists, BackupFailed
from reelhook.backup.making import Making, key_to_put_in
from reelhook.db import Database
from reelhook.db.schema import WrongSchema, head
from reelhook.errors import WrongInput
from tests.backup.conftest import START, add_video, make


def rows(database: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(database)) as conn:
        return conn.execute(query).fetchall()


def left(folder: Path) -> list[str]:
    """What is beside the database."""
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("reelhook.db"))


def test_the_copy_is_sound_and_one_file_for_our_eyes_only(made: Path) -> None:
    assert sorted(path.name for path in made.iterdir()) == ["manifest.json", "media.jsonl", "reelhook.db"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in made.iterdir()} == {0o600}
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert rows(made / "reelhook.db", "PRAGMA journal_mode") == [("delete",)]
    assert rows(made / "reelhook.db", "PRAGMA integrity_check") == [("ok",)]
    assert rows(made / "reelhook.db", "SELECT id FROM videos ORDER BY id") == [("v1",), ("v2",)]


def test_the_manifest_vouches_for_every_file(made: Path) -> None:
    told = json.loads((made / "manifest.json").read_bytes())
    assert (told["format"], told["schema_version"], told["stream_head"]) == (1, head(), 2)
    assert told["created_at"] == "2026-11-22T12:00:00.000Z"
    assert told["files"].keys() == {"reelhook.db", "media.jsonl"}
    for name, file in told["files"].items():
        content = (made / name).read_bytes()
        assert file == {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def test_every_stored_file_is_listed_and_none_that_is_only_expected(made: Path) -> None:
    listed = [json.loads(line) for line in (made / "media.jsonl").read_text().splitlines()]
    assert listed[0] == {
        "id": "0190-asset-1",
        "video_id": "v1",
        "role": "video",
        "store": "local",
        "location": "ab/0190-asset-1.mp4",
        "bytes": 5,
        "sha256": "5" * 64,
    }
    assert [one["store"] for one in listed] == ["local", "cloudinary"]
    assert json.loads((made / "manifest.json").read_bytes())["media"] == {"files": 2, "bytes": 12}


def test_the_writer_goes_on_meanwhile_and_the_copy_stays_one_moment(
    filled: Database, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "STEP", 1)
    monkeypatch.setattr(contents, "INSTRUCTIONS", 1)
    written: list[int] = []

    def write() -> None:
        if len(written) < 30:
            written.append(100 + len(written))
            filled.write_now(lambda tx: add_video(tx, written[-1]))

    making = Making(source, tmp_path / "backup", write)
    manifest = making.stage(START)
    making.publish()
    assert len(written) == 30
    assert manifest.stream_head == 2
    assert rows(tmp_path / "backup" / "reelhook.db", "SELECT count(*) FROM videos") == [(2,)]
    assert rows(source, "SELECT count(*) FROM videos") == [(32,)]


def test_it_is_synced_while_it_is_copied_and_at_the_end(
    filled: Database, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "STEP", 1)
    synced: list[Path] = []
    monkeypatch.setattr(copying, "sync_file", synced.append)
    make(source, tmp_path / "backup")
    pages = (tmp_path / "backup" / "reelhook.db").stat().st_size // 4096
    assert pages > 16
    assert len(synced) == (pages // 8) + 1


def test_a_folder_that_is_there_is_never_touched(made: Path, source: Path, tmp_path: Path) -> None:
    before = (made / "manifest.json").read_bytes()
    with pytest.raises(BackupExists, match="exists; name a folder that is not there yet"):
        make(source, made)
    (tmp_path / "file").write_text("x")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for name in ("file", "dangling"):
        with pytest.raises(BackupExists):
            make(source, tmp_path / name)
    assert (made / "manifest.json").read_bytes() == before
    assert left(tmp_path) == ["backup", "dangling", "file"]


def test_a_place_inside_nowhere_is_named(filled: Database, source: Path, tmp_path: Path) -> None:
    with pytest.raises(WrongInput, match=f"there is no folder {tmp_path / 'nowhere'}"):
        make(source, tmp_path / "nowhere" / "backup")


def test_a_place_where_nothing_may_be_written_is_named(filled: Database, source: Path) -> None:
    with pytest.raises(BackupFailed, match=r"/sys/backup cannot be written: .*\(/sys/\.backup\.partial\)"):
        make(source, Path("/sys/backup"))  # not even root may


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The copy may have only a few pages."""
    connect: Callable[..., sqlite3.Connection] = copying._connect

    def small(path: Path, mode: str) -> sqlite3.Connection:
        connection = connect(path, mode)
        if mode == "rw":
            connection.execute("PRAGMA max_page_count=5")
        return connection

    monkeypatch.setattr(copying, "_connect", small)


def test_a_full_disk_is_said_and_leaves_nothing_behind(
    filled: Database, source: Path, tmp_path: Path, full_disk: None
) -> None:
    with pytest.raises(BackupFailed, match="backup cannot be written: no space left"):
        make(source, tmp_path / "backup")
    assert left(tmp_path) == []
    filled.write_now(lambda tx: add_video(tx, 3))


@pytest.mark.parametrize(("number", "words"), [(errno.ENOSPC, "no space left"), (errno.EIO, "Input/output error")])
def test_a_disk_that_fails_at_the_end_leaves_nothing_behind(
    filled: Database, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    def refuse(_: Path) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(copying, "sync_file", refuse)
    with pytest.raises(BackupFailed, match=words):
        make(source, tmp_path / "backup")
    assert left(tmp_path) == []


def test_what_a_killed_process_left_is_replaced_and_what_is_not_ours_is_left(
    filled: Database, source: Path, tmp_path: Path
) -> None:
    partial = tmp_path / ".backup.partial"
    partial.mkdir()
    (partial / "reelhook.db").write_bytes(b"half")
    make(source, tmp_path / "backup")
    assert left(tmp_path) == ["backup"]

    (tmp_path / ".other.partial").mkdir()
    (tmp_path / ".other.partial" / "letter").write_text("mine")
    with pytest.raises(BackupFailed, match="File exists"):
        make(source, tmp_path / "other")
    assert (tmp_path / ".other.partial" / "letter").read_text() == "mine"


def test_a_name_that_was_taken_meanwhile_is_not_overwritten(filled: Database, source: Path, tmp_path: Path) -> None:
    making = Making(source, tmp_path / "backup")
    making.stage(START)
    (tmp_path / "backup").mkdir()
    (tmp_path / "backup" / "letter").write_text("mine")
    with pytest.raises(BackupFailed, match="cannot be given its name"):
        making.publish()
    making.discard()
    assert left(tmp_path) == ["backup"]
    assert (tmp_path / "backup" / "letter").read_text() == "mine"


def test_the_key_goes_along_only_when_asked_for(filled: Database, source: Path, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("the key\n")
    manifest = make(source, tmp_path / "backup", tmp_path / "key")
    copied = tmp_path / "backup" / "reelhook.db.key"
    assert copied.read_text() == "the key\n"
    assert stat.S_IMODE(copied.stat().st_mode) == 0o600
    assert "reelhook.db.key" in manifest.files
    assert key_to_put_in(tmp_path / "key", wanted=False) is None
    with pytest.raises(WrongInput, match="REELHOOK_SECRET_KEY gives the key"):
        key_to_put_in(None, wanted=True)


def test_a_damaged_database_is_found_now_and_not_on_the_day_it_is_needed(
    filled: Database, source: Path, tmp_path: Path
) -> None:
    filled.close()
    ((page,),) = rows(source, "SELECT rootpage FROM sqlite_master WHERE name = 'videos_state_id'")
    with source.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    with pytest.raises(BackupFailed, match=r"reelhook\.db is damaged"):
        make(source, tmp_path / "backup")
    assert left(tmp_path) == []


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "reelhook.db").write_bytes(b"not a database at all, whatever its name" * 200)
    with pytest.raises(BackupFailed, match="file is not a database"):
        make(tmp_path / "reelhook.db", tmp_path / "backup")
    rows(tmp_path / "reelhook.db.theirs", "CREATE TABLE theirs (x)")
    with pytest.raises(BackupFailed, match="it has no schema of Reelhook's"):
        make(tmp_path / "reelhook.db.theirs", tmp_path / "backup")


def test_a_newer_schema_is_not_copied_by_a_version_that_could_not_put_it_back(
    filled: Database, source: Path, tmp_path: Path
) -> None:
    filled.write_now(lambda tx: tx.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(WrongSchema, match="newer than this version"):
        make(source, tmp_path / "backup")
    assert left(tmp_path) == []

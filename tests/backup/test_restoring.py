"""A restore verifies everything before it touches anything, and gives no number out a second time."""

import json
import shutil
import sqlite3
import stat
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from reelhook.backup import restoring
from reelhook.backup.errors import DatabaseExists, NotRestored
from reelhook.backup.fingerprint import fingerprint
from reelhook.backup.numbers import LEAP
from reelhook.backup.restoring import Restored
from reelhook.db import Database, schema
from reelhook.jobs import Queue
from reelhook.kit.ids import Ids
from reelhook.realtime import log as stream_log
from reelhook.realtime.log import HistoryGone
from tests.backup.conftest import START, add_video, make
from tests.backup.test_making import rows
from tests.conftest import StillClock

LATER = START + timedelta(hours=1)
MICROSECONDS = int(LATER.timestamp()) * 1_000_000


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where it is restored to: another machine's data folder."""
    (tmp_path / "data").mkdir()
    return tmp_path / "data" / "reelhook.db"


def restore(folder: Path, place: Path, **given: Any) -> Restored:
    options = {"force": False, "now": LATER} | given
    return restoring.restore(folder, place, place.with_name("reelhook.db.key"), **options)


def listed(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_was_backed_up_is_back(made: Path, place: Path) -> None:
    done = restore(made, place)
    assert rows(place, "SELECT id FROM videos ORDER BY id") == [("v1",), ("v2",)]
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert listed(place.parent) == ["reelhook.db"]
    assert (done.replaced, done.key_written, done.needs_migration) == (None, False, False)
    database = Database(f"sqlite:///{place}")
    assert database.migrate(schema.prepare) == schema.head()
    database.close()


def test_it_replaces_a_database_only_by_force_and_keeps_the_old_one(made: Path, place: Path) -> None:
    rows(place, "CREATE TABLE theirs (x)")
    place.with_name("reelhook.db-wal").write_text("its log")
    with pytest.raises(DatabaseExists, match="--force moves it aside"):
        restore(made, place)
    assert rows(place, "SELECT name FROM sqlite_master") == [("theirs",)]
    place.with_name("reelhook.db-wal").write_text("its log")
    done = restore(made, place, force=True)
    assert done.replaced is not None
    assert listed(done.replaced) == ["reelhook.db", "reelhook.db-wal"]
    assert listed(place.parent) == ["reelhook.db", done.replaced.name]
    assert rows(place, "SELECT count(*) FROM videos") == [(2,)]


def damaged(folder: Path, name: str) -> None:
    """One bit of *name* has changed."""
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)


def say(folder: Path, **changes: Any) -> None:
    """Change the manifest."""
    told = json.loads((folder / "manifest.json").read_bytes()) | changes
    (folder / "manifest.json").write_text(json.dumps(told))


def vouch(folder: Path) -> None:
    """Make the manifest agree with what is there."""
    names = ("reelhook.db", "media.jsonl")
    say(folder, files={name: fingerprint(folder / name).model_dump() for name in names})


def older(folder: Path, version: str) -> None:
    with closing(sqlite3.connect(folder / "reelhook.db")) as conn, conn:
        conn.execute("UPDATE alembic_version SET version_num = ?", (version,))


def without_tables(folder: Path) -> None:
    (folder / "reelhook.db").unlink()
    rows(folder / "reelhook.db", "CREATE TABLE theirs (x)")
    vouch(folder)


def without_version(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "reelhook.db")) as conn, conn:
        conn.execute("DELETE FROM alembic_version")
    vouch(folder)


def no_database(folder: Path) -> None:
    (folder / "reelhook.db").write_bytes(b"not a database, whatever its name" * 200)
    vouch(folder)


def broken_inside(folder: Path) -> None:
    ((page,),) = rows(folder / "reelhook.db", "SELECT rootpage FROM sqlite_master WHERE name = 'videos_state_id'")
    with (folder / "reelhook.db").open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    vouch(folder)


def another_version(folder: Path) -> None:
    older(folder, "0001")
    vouch(folder)


WRONG = {
    "one bit of the database": (lambda f: damaged(f, "reelhook.db"), "reelhook.db is not what was backed up"),
    "one bit of the list": (lambda f: damaged(f, "media.jsonl"), "media.jsonl is not what was backed up"),
    "a file is missing": (lambda f: (f / "media.jsonl").unlink(), "No such file or directory"),
    "no manifest": (lambda f: (f / "manifest.json").unlink(), "is no backup: manifest.json in it cannot be read"),
    "half a manifest": (lambda f: (f / "manifest.json").write_text("{"), "none that this version can read: all of it"),
    "a later format": (lambda f: say(f, format=2), "none that this version can read: format"),
    "a file beyond": (lambda f: say(f, files={"../x": {"bytes": 1, "sha256": ""}}), "can read: files"),
    "an unknown file": (lambda f: say(f, files={}), "it does not name media.jsonl, reelhook.db"),
    "no tables of ours": (without_tables, "is damaged: it has no schema of Reelhook's"),
    "no version": (without_version, "is damaged: it has no schema of Reelhook's"),
    "no database": (no_database, "is damaged: file is not a database"),
    "broken inside": (broken_inside, "is damaged: "),
    "not the schema it says": (another_version, "has schema 0001, the manifest says otherwise"),
    "a newer schema": (lambda f: say(f, schema_version="9999"), "9999, which is newer than this version"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_said_and_the_present_database_is_not_touched(made: Path, place: Path, what: str) -> None:
    shutil.copy(made / "reelhook.db", place)
    before = (place.read_bytes(), place.stat().st_mtime_ns)
    spoil, words = WRONG[what]
    spoil(made)
    with pytest.raises((NotRestored, schema.WrongSchema), match=words):
        restore(made, place, force=True)
    assert (place.read_bytes(), place.stat().st_mtime_ns) == before
    assert listed(place.parent) == ["reelhook.db"]


def test_a_full_disk_is_said_and_leaves_nothing(made: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "reelhook.backup.fingerprint.os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space"))
    )
    with pytest.raises(NotRestored, match=f"cannot be restored to {place}: no space left"):
        restore(made, place)
    assert listed(place.parent) == []


def test_an_exchange_that_is_interrupted_says_that_it_goes_on(
    made: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(made / "reelhook.db", place)

    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr("reelhook.backup.placing.os.replace", refuse)
        with pytest.raises(NotRestored, match="is replaced as soon as it is opened next, for now: Permission denied"):
            restore(made, place, force=True)
    assert not place.exists()
    assert restoring.placing.finish(place) is not None
    assert rows(place, "SELECT count(*) FROM videos") == [(2,)]


def test_an_older_schema_is_restored_and_migrate_is_named(made: Path, place: Path) -> None:
    another_version(made)
    say(made, schema_version="0001")
    assert restore(made, place).needs_migration


def test_a_key_comes_back_only_where_none_is(filled: Database, source: Path, tmp_path: Path, place: Path) -> None:
    (tmp_path / "key").write_text("sealed with this\n")
    make(source, tmp_path / "backup", tmp_path / "key")
    assert restore(tmp_path / "backup", place).key_written
    key = place.with_name("reelhook.db.key")
    assert key.read_text() == "sealed with this\n"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    key.write_text("another\n")
    assert not restore(tmp_path / "backup", place, force=True).key_written
    assert key.read_text() == "another\n"
    assert not restoring.restore(tmp_path / "backup", place, None, force=True, now=LATER).key_written


def reopened(place: Path, work: Any) -> Any:
    database = Database(f"sqlite:///{place}")
    try:
        return database.write_now(lambda tx: work(tx))
    finally:
        database.close()


def replay(conn: Connection, last_id: int) -> int:
    """The head that a client with this Last-Event-ID is sent to; 0 when it can go on."""
    try:
        stream_log.replay(conn, last_id, 10)
    except HistoryGone as gone:
        return gone.head
    return 0


def test_every_number_from_before_is_answered_with_resync(made: Path, place: Path) -> None:
    floor = restore(made, place).floor
    assert floor == MICROSECONDS
    for last_id in (0, 1, 2, 3, 500_000, floor - 1, floor + 1):
        assert reopened(place, lambda tx, last_id=last_id: replay(tx.conn, last_id)) == floor
    assert reopened(place, lambda tx: replay(tx.conn, floor)) == 0


def test_new_updates_come_above_the_floor_and_are_not_missed(made: Path, place: Path) -> None:
    floor = restore(made, place).floor
    reopened(place, lambda tx: add_video(tx, 9))
    updates, _ = reopened(place, lambda tx: stream_log.replay(tx.conn, floor, 10))
    assert [update.id for update in updates] == [floor + 1]
    assert reopened(place, lambda tx: replay(tx.conn, 2)) == floor + 1


def test_the_same_backup_restored_again_gives_out_none_of_the_numbers_in_between(made: Path, place: Path) -> None:
    first = restore(made, place).floor
    reopened(place, lambda tx: [add_video(tx, number) for number in range(10, 15)])
    second = restore(made, place, force=True, now=LATER + timedelta(milliseconds=1)).floor
    assert second > first + 5
    assert reopened(place, lambda tx: replay(tx.conn, first + 5)) == second


def test_a_clock_that_stands_before_the_backup_does_not_bring_old_numbers_back(made: Path, place: Path) -> None:
    first = restore(made, place).floor
    make(place, made.with_name("second"))
    done = restore(made.with_name("second"), place, force=True, now=START - timedelta(days=20_000))
    assert done.floor == first + LEAP


def test_all_tables_that_count_go_on_above_the_floor(made: Path, place: Path) -> None:
    floor = restore(made, place).floor
    numbers = dict(rows(place, "SELECT name, seq FROM sqlite_sequence"))
    assert numbers == dict.fromkeys(numbers, floor)
    assert {"stream", "timeline", "audit", "job_attempts", "delivery_attempts", "reconciliations"} <= numbers.keys()
    assert rows(place, "SELECT count(*) FROM stream") == [(0,)]


def test_a_job_that_ran_at_the_moment_of_the_backup_is_taken_over(
    made: Path, place: Path, clock: StillClock, ids: Ids
) -> None:
    restore(made, place)
    queue, lease = Queue(clock, ids), timedelta(seconds=30)
    found = reopened(place, lambda tx: queue.abandoned(tx, "new", lease, ["prune"], owners_gone=True))
    assert [job.id for job in found] == ["j1"]

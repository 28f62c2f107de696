"""`backup` and `restore` as a person or a script calls them."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text
from structlog.testing import capture_logs

from reelhook import logs
from reelhook.backup.placing import preparing
from reelhook.cli import backup as backup_command
from reelhook.cli import keys as keys_command
from reelhook.cli import migrate as migrate_command
from reelhook.cli import restore as restore_command
from reelhook.cli import worker as worker_command
from reelhook.cli.owning import own
from reelhook.db import Database
from reelhook.db.schema import WrongSchema, head, prepare
from reelhook.db.tables import webhook_secrets
from reelhook.errors import ReelhookError, WrongSetting
from reelhook.settings import Settings
from tests.backup.conftest import FULL, START, add_asset, add_video, make
from tests.processes import clean_environment, run_command
from tests.servers import Postgres, postgres

__all__ = ["postgres"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A machine on which Reelhook was never started."""
    return clean_environment(
        database_url=f"sqlite:///{tmp_path / 'data' / 'reelhook.db'}", stores=f"local:{tmp_path / 'media'}"
    )


def test_a_database_that_was_never_started_is_backed_up_and_restored_elsewhere(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    done = run_command("backup", str(tmp_path / "backup"), "--with-key", environment=environment)
    assert done.returncode == 0, done.stderr
    assert "keep this backup as you would keep the key" in done.stdout
    elsewhere = environment | {"REELHOOK_DATABASE_URL": f"sqlite:///{tmp_path / 'new' / 'reelhook.db'}"}
    back = run_command("restore", str(tmp_path / "backup"), environment=elsewhere)
    assert back.returncode == 0, back.stderr
    assert "the key file was put back beside it" in back.stdout
    assert "next: `reelhook serve`" in back.stdout
    assert len({(tmp_path / name / "reelhook.db.key").read_text() for name in ("data", "new")}) == 1
    listed = json.loads(run_command("keys", "list", "--json", environment=elsewhere).stdout)
    assert listed == []


class Machine:
    """The commands without a process of their own."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._monkeypatch, self._capsys = folder, monkeypatch, capsys
        self.database = folder / "data" / "reelhook.db"
        self.setting("DATABASE_URL", f"sqlite:///{self.database}")
        self.setting("STORES", f"local:{folder / 'media'},cloudinary")
        self.setting("CLOUDINARY_URL", "cloudinary://key:secret@cloud")
        monkeypatch.setattr(logs, "configure", lambda *_, **__: None)

    def setting(self, name: str, value: str) -> None:
        self._monkeypatch.setenv(f"REELHOOK_{name}", value)

    def backup(self, name: str = "backup", **options: Any) -> Any:
        backup_command.backup(self.folder / name, **({"with_key": False, "as_json": True} | options))
        return self._said(options)

    def restore(self, name: str = "backup", **options: Any) -> Any:
        restore_command.restore(self.folder / name, **({"force": False, "as_json": True} | options))
        return self._said(options)

    def open(self) -> Database:
        self.database.parent.mkdir(exist_ok=True)
        return Database(f"sqlite:///{self.database}")

    def _said(self, options: Any) -> Any:
        out = self._capsys.readouterr().out
        return out if options.get("as_json") is False else json.loads(out)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Machine]:
    with capture_logs():
        yield Machine(tmp_path, monkeypatch, capsys)


@pytest.fixture
def filled(machine: Machine) -> Machine:
    """A database that names one file in each of two stores."""
    db = machine.open()
    db.migrate(prepare)

    def fill(tx: Any) -> None:
        add_video(tx, 1)
        add_asset(tx, 1, **FULL)
        add_asset(tx, 2, "poster", **FULL | {"store": "cloudinary"})

    db.write_now(fill)
    db.close()
    return machine


def test_it_says_what_is_in_it_and_what_is_not(filled: Machine) -> None:
    said = filled.backup(as_json=False)
    assert "2 stored files (10 bytes) are listed in media.jsonl" in said
    assert f"the key of the secrets is not in it: keep {filled.database}.key in another place" in said
    filled.setting("SECRET_KEY", "a key of my own")
    assert "keep REELHOOK_SECRET_KEY in another place" in filled.backup("second", as_json=False)
    with pytest.raises(ReelhookError, match="REELHOOK_SECRET_KEY gives the key"):
        filled.backup("third", with_key=True)


def recorded(machine: Machine) -> list[tuple[str, str, Any]]:
    with closing(sqlite3.connect(machine.database)) as conn:
        return conn.execute("SELECT actor, action, data FROM audit ORDER BY id").fetchall()


def test_the_audit_log_says_that_it_was_brought_back_and_that_its_schema_changed(machine: Machine) -> None:
    machine.database.parent.mkdir()
    migrate_command.migrate(as_json=False)
    migrate_command.migrate(as_json=False)  # changes nothing, and is nothing to tell
    machine._capsys.readouterr()
    made = machine.backup()
    machine.restore(force=True)
    told = [(actor, action) for actor, action, _ in recorded(machine)]
    assert told == [("local:local", "database.migrate"), ("local:local", "database.restore")]
    assert json.loads(recorded(machine)[0][2])["after"] == head()
    assert json.loads(recorded(machine)[1][2])["made_at"] == made["created_at"]


def old_schema(machine: Machine, version: str = "0001") -> None:
    """As an older version of Reelhook left it, as far as a version number goes."""
    with closing(sqlite3.connect(machine.database)) as conn, conn:
        conn.execute("UPDATE alembic_version SET version_num = ?, oldest_code = ?", (version, version))


def test_an_older_schema_is_backed_up_before_it_is_migrated(filled: Machine) -> None:
    old_schema(filled)
    with pytest.raises(ReelhookError, match="there is no folder"):
        filled.backup("nowhere/backup")
    assert filled.backup()["schema_version"] == "0001"
    back = filled.restore(force=True)
    assert back["needs_migration"] is True
    assert "next: `reelhook migrate`: the backup has schema 0001" in filled.restore(force=True, as_json=False)


def test_a_newer_schema_opens_for_no_command(filled: Machine) -> None:
    """Serving it is tried in tests/e2e, a worker in the next test."""
    filled.backup("before")
    old_schema(filled, "9999")
    for command in (filled.backup, migrate_command.migrate, keys_command.list_keys):
        with pytest.raises(WrongSchema, match="schema 9999, which is newer than this version; upgrade Reelhook"):
            command()
    assert not (filled.folder / "backup").exists()
    assert filled.restore("before", force=True)["schema_version"] == head()


def test_nor_for_a_worker(machine: Machine, postgres: Postgres) -> None:
    machine.setting("DATABASE_URL", url := postgres.create("prepared"))
    machine.setting("SECRET_KEY", "shared")
    db = Database(url)
    db.write_now(lambda tx: tx.execute(text("UPDATE alembic_version SET version_num = '9999', oldest_code = '9999'")))
    db.close()
    with pytest.raises(WrongSchema, match="schema 9999, which is newer than this version; upgrade Reelhook"):
        worker_command.worker()


def test_a_restore_tells_what_is_missing_and_how_to_get_it(filled: Machine) -> None:
    filled.backup()
    folder = filled.folder / "media"
    back = filled.restore(force=True)
    assert back["media"] == {"looked_in": [], "not_there": [str(folder)], "missing": []}
    assert f"{folder} is not there" in filled.restore(force=True, as_json=False)

    (folder / "ab").mkdir(parents=True)
    back = filled.restore(force=True)
    assert (back["media"]["looked_in"], back["media"]["not_there"]) == (["local"], [])
    assert [one["id"] for one in back["media"]["missing"]] == ["0190-asset-1"]
    said = filled.restore(force=True, as_json=False)
    assert "missing: video of video v1 at ab/0190-asset-1.mp4: No such file or directory" in said
    assert "next: `reelhook reconcile --kind stores --mend` fetches what is missing again" in said
    assert "what it was before is in" in said

    (folder / "ab" / "0190-asset-1.mp4").write_bytes(b"12345")
    assert filled.restore(force=True)["media"]["missing"] == []


def test_a_long_list_of_missing_files_is_cut_for_a_person(filled: Machine) -> None:
    db = filled.open()
    db.write_now(lambda tx: [add_asset(tx, 10 + n, f"role {n}", **FULL) for n in range(30)])
    db.close()
    (filled.folder / "media").mkdir()
    filled.backup()
    said = filled.restore(force=True, as_json=False)
    assert said.count("missing: ") == 20
    assert "and 11 more; --json lists them all" in said


def test_secrets_that_nobody_can_open_are_told(filled: Machine) -> None:
    db, secret = filled.open(), {"id": "s", "source": "heygen", "fingerprint": "f", "sealed": "x", "created_at": START}
    db.write_now(lambda tx: tx.execute(insert(webhook_secrets), secret))
    db.close()
    make(filled.database, filled.folder / "backup")
    assert filled.restore(force=True)["secrets_lost"] == 1
    assert "1 of the stored secrets cannot be opened: the key they are sealed with is not here" in filled.restore(
        force=True, as_json=False
    )


def test_a_restore_that_a_crash_interrupted_is_finished_by_whatever_opens_the_database(filled: Machine) -> None:
    make(filled.database, filled.folder / "backup")
    preparing(filled.database).with_suffix(".restored").write_bytes(
        (filled.folder / "backup" / "reelhook.db").read_bytes()
    )
    lock = own(Settings(database_url=f"sqlite:///{filled.database}"))
    assert lock is not None
    lock.release()
    (replaced,) = filled.database.parent.glob("reelhook.db.replaced-*")
    assert (replaced / "reelhook.db").exists()
    assert filled.database.exists()


def test_on_postgres_both_name_what_to_use_instead(machine: Machine) -> None:
    machine.setting("DATABASE_URL", "postgresql://127.0.0.1:1/reelhook")
    with pytest.raises(WrongSetting, match="`backup` is for the embedded SQLite database; with Postgres use pg_dump"):
        machine.backup()
    with pytest.raises(
        WrongSetting, match="`restore` is for the embedded SQLite database; with Postgres use pg_restore"
    ):
        machine.restore()

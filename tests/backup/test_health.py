"""After a restore it is said what the database names and nobody has: files, and the key of its secrets."""

from pathlib import Path

import pytest
from sqlalchemy import insert

from reelhook.archive import LocalStore
from reelhook.backup.contents import opened
from reelhook.backup.health import missing_files, sealed_for_good
from reelhook.db import Database
from reelhook.db.tables import webhook_secrets
from reelhook.kit.sealing import Sealer
from tests.backup.conftest import FULL, START, add_asset


@pytest.fixture
def media(tmp_path: Path) -> Path:
    (tmp_path / "media" / "ab").mkdir(parents=True)
    return tmp_path / "media"


def found(source: Path, media: Path) -> list[tuple[str, str]]:
    with opened(source) as conn:
        return [(one["id"], one["reason"]) for one in missing_files(conn, {"local": LocalStore(media).path})]


def test_a_file_that_is_not_there_or_not_whole_is_named(filled: Database, source: Path, media: Path) -> None:
    filled.write_now(lambda tx: add_asset(tx, 4, "captions", **FULL | {"location": "ab/0190-asset-4.vtt"}))
    filled.close()
    (media / "ab" / "0190-asset-4.vtt").write_bytes(b"1234")
    assert found(source, media) == [
        ("0190-asset-1", "No such file or directory"),
        ("0190-asset-4", "4 bytes instead of 5"),
    ]
    (media / "ab" / "0190-asset-1.mp4").write_bytes(b"12345")
    (media / "ab" / "0190-asset-4.vtt").write_bytes(b"12345")
    assert found(source, media) == []


def test_secrets_that_no_key_opens_are_counted(filled: Database, source: Path) -> None:
    def secret(name: str, key: str, **values: object) -> dict[str, object]:
        made = {"id": name, "source": "heygen", "fingerprint": name, "sealed": Sealer([key]).seal("x")}
        return made | {"created_at": START, "retired_at": None} | values

    rows = [
        secret("a", "old"),
        secret("b", "new"),
        secret("c", "old", source="settings"),  # the setting has it anyway
        secret("d", "old", retired_at=START),  # it opens nothing any more
    ]
    filled.write_now(lambda tx: tx.execute(insert(webhook_secrets), rows))
    filled.close()
    with opened(source) as conn:
        assert [sealed_for_good(conn, keys) for keys in ((), ("new",), ("new", "old"))] == [2, 1, 0]

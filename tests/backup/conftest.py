"""A database with something of everything in it, and a backup of it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from reelhook.backup.making import Making
from reelhook.backup.manifest import Manifest
from reelhook.db import Database, Tx
from reelhook.db.tables import assets, jobs, videos
from reelhook.kit.ids import Ids
from reelhook.realtime import append
from tests.conftest import START, StillClock

FULL = {"location": "ab/0190-asset-1.mp4", "bytes": 5, "sha256": "5" * 64, "state": "stored"}


def add_video(tx: Tx, number: int) -> None:
    video = {"id": f"v{number}", "kind": "avatar_video", "store": "local", "state": "ready", "late": False}
    tx.execute(insert(videos), video | {"created_at": START, "updated_at": START})
    append(tx, "video.updated", {"video": {"id": f"v{number}"}}, at=START, video_id=f"v{number}")


def add_asset(tx: Tx, number: int, role: str = "video", **values: Any) -> None:
    asset = {"id": f"0190-asset-{number}", "video_id": "v1", "role": role, "store": "local", "state": "pending"}
    tx.execute(insert(assets), asset | {"created_at": START} | values)


def add_running_job(tx: Tx) -> None:
    job = {"id": "j1", "kind": "prune", "payload": {}, "state": "running", "attempts": 1, "fence": 1}
    leased = {"lease_owner": "gone", "lease_until": START + timedelta(seconds=30)}
    tx.execute(insert(jobs), job | leased | {"run_at": START, "created_at": START})


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The file of the fixture `prepared`."""
    return tmp_path / "reelhook.db"


@pytest.fixture
def filled(prepared: Database) -> Database:
    def fill(tx: Tx) -> None:
        add_video(tx, 1)
        add_video(tx, 2)
        add_asset(tx, 1, **FULL)
        add_asset(tx, 2, "poster", **FULL | {"store": "cloudinary", "location": "video/x", "bytes": 7})
        add_asset(tx, 3, "gif")
        add_running_job(tx)

    prepared.write_now(fill)
    return prepared


@pytest.fixture
def made(filled: Database, source: Path, tmp_path: Path, clock: StillClock, ids: Ids) -> Path:
    """The folder of a backup."""
    make(source, tmp_path / "backup")
    return tmp_path / "backup"


def make(source: Path, target: Path, key: Path | None = None) -> Manifest:
    making = Making(source, target)
    try:
        manifest = making.stage(START, key)
        making.publish()
    finally:
        making.discard()
    return manifest

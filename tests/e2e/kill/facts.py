"""What is true when everything is over: in the database, in the stores, at HeyGen, and on the test's own lists."""

import asyncio
import hashlib
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reelhook.jobs.kinds import KINDS, PeriodicWork
from tests.e2e.kill.scene import Scene
from tests.e2e.kill.sender import digest
from tests.e2e.kill.watcher import Sight, sight

PARTIAL = ".partial"
# Work that comes round may be under way at any moment, and nothing is lost with it.
PERIODIC = ", ".join(f"'{kind}'" for kind, work in KINDS.items() if issubclass(work, PeriodicWork))
UNDONE = f"FROM jobs WHERE state <> 'done' AND kind NOT IN ({PERIODIC})"


@dataclass(frozen=True)
class Video:
    """A row of `videos`."""

    id: str
    heygen_id: str | None
    state: str
    failed_by: str | None = None


@dataclass(frozen=True)
class Asset:
    """A row of `assets`. *location* is None for a poster that its store makes by itself."""

    id: str
    video_id: str
    role: str
    state: str
    store: str
    location: str | None
    sha256: str | None


@dataclass(frozen=True)
class Render:
    """What HeyGen made: its files' digests by the names the simulator gives them."""

    outcome: str
    files: Mapping[str, str]


@dataclass(frozen=True)
class Kept:
    """A file in a store, and how often its bytes were put there."""

    sha256: str
    times: int = 1


@dataclass(frozen=True)
class Rows:
    """The database, as far as it is judged. *events* are digests by id."""

    events: Mapping[str, str] = field(default_factory=dict)
    stream: Mapping[int, Sight] = field(default_factory=dict)
    videos: Mapping[str, Video] = field(default_factory=dict)
    assets: Sequence[Asset] = ()
    jobs: Sequence[str] = ()
    """Work that is not done, in words."""


@dataclass(frozen=True)
class View:
    """What one viewer was *shown*, and the ids of the updates that were theirs to see; None: all there are."""

    shown: Sequence[Sight]
    due: frozenset[int] | None = None


@dataclass(frozen=True)
class Facts:
    """Everything the judge may know. *kept* is what is in the stores, by store and location."""

    rows: Rows
    acknowledged: Mapping[str, set[str]] = field(default_factory=dict)
    delivered: frozenset[str] = frozenset()
    """Digests of what the simulated HeyGen was told is safe."""
    ordered: frozenset[str] = frozenset()
    failing: frozenset[str] = frozenset()
    """HeyGen's ids of the videos that our sender's acknowledged events called failed."""
    renders: Mapping[str, Render] = field(default_factory=dict)
    kept: Mapping[tuple[str, str], Kept] = field(default_factory=dict)
    views: Sequence[View] = ()
    not_durable: frozenset[str] = frozenset()
    """What was promised or shown and did not survive a power cut."""


def read(database: Path) -> Rows:
    """The rows of a SQLite file that nobody has open. It is copied: to look must not change what is there."""
    with _copied(database) as path, closing(sqlite3.connect(path)) as db:
        return rows(db)


def rows(db: Any) -> Rows:
    """The same on a connection, to SQLite or Postgres."""
    return Rows(
        events={row[0]: digest(row[1]) for row in db.execute("SELECT id, body FROM events")},
        stream={row[0]: sight(*row) for row in db.execute("SELECT id, event, data FROM stream")},
        videos={row[0]: Video(*row) for row in db.execute("SELECT id, heygen_video_id, state, failed_by FROM videos")},
        assets=[
            Asset(*row) for row in db.execute("SELECT id, video_id, role, state, store, location, sha256 FROM assets")
        ],
        jobs=[
            f"{kind} is {state}: {error}" for kind, state, error in db.execute(f"SELECT kind, state, error {UNDONE}")
        ],
    )


def open_jobs(db: Any) -> list[tuple[str, str, int]]:
    """Id, state and attempts of the work that may still be done, at one moment."""
    return list(db.execute(f"SELECT id, state, attempts {UNDONE} AND state <> 'dead' ORDER BY id"))


def newest_update(db: Any) -> int:
    """The id of the last update in the stream."""
    return int(db.execute("SELECT coalesce(max(id), 0) FROM stream").fetchone()[0])


async def outside(scene: Scene) -> tuple[dict[str, Render], frozenset[str], dict[tuple[str, str], Kept]]:
    """HeyGen's renders and the deliveries it was told are safe, and what is kept at Cloudinary and on the disk."""
    videos = (await scene.control("heygen", "GET", "/videos"))["videos"]
    deliveries = (await scene.control("heygen", "GET", "/deliveries"))["deliveries"]
    assets = (await scene.control("cloudinary", "GET", "/assets"))["assets"]
    renders = {video["id"]: _render(video) for video in videos}
    delivered = frozenset(digest(each["body"].encode()) for each in deliveries if each["state"] == "delivered")
    kept = {
        ("cloudinary", f"{each['resource_type']}/{each['public_id']}"): Kept(each["sha256"], each["times_stored"])
        for each in assets
    }
    return renders, delivered, kept | await asyncio.to_thread(on_disk, scene.media)


def on_disk(media: Path) -> dict[tuple[str, str], Kept]:
    """The files of the local store, unfinished ones too."""
    return {
        ("local", str(path.relative_to(media))): Kept(hashlib.sha256(path.read_bytes()).hexdigest())
        for path in media.rglob("*")
        if path.is_file()
    }


def _render(video: Mapping[str, Any]) -> Render:
    return Render(video["status"], {name: file["sha256"] for name, file in video["media"].items()})


def beside(database: Path) -> AbstractContextManager[sqlite3.Connection]:
    """Beside a running server only a connection that cannot write is safe."""
    return closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True))


@contextmanager
def _copied(database: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="reelhook-kill-") as folder:
        for ending in ("", "-wal"):
            path = database.with_name(database.name + ending)
            if path.exists():
                shutil.copy(path, folder)
        yield Path(folder) / database.name

"""A room of videos: everything that moves them, wired as in parts.py, and short ways to look at them."""

from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Row, select

from reelhook.auth import Principal
from reelhook.auth.principal import of_key, of_person
from reelhook.db import Database, Tx
from reelhook.db.tables import assets, jobs, stream, timeline, videos
from reelhook.events import VideoSignal
from reelhook.jobs import Queue
from reelhook.kit.ids import Ids
from reelhook.videos import Lifecycle, Signals, State
from reelhook.videos.creation import Creation, NewVideo
from tests.conftest import StillClock

AVATAR: dict[str, Any] = {"type": "avatar", "avatar_id": "anna", "title": "Hello", "script": "Hi."}
LINK = "https://files.heygen.example/v.mp4?Signature=secret"
OPERATOR = of_key("key-1", "builder", "operator", None)


def viewer(subject: str) -> Principal:
    return of_person(subject, f"{subject}@example.com", "viewer")


def signal(outcome: Any = "success", heygen_id: str | None = "hg-1", **more: Any) -> VideoSignal:
    given: dict[str, Any] = {"url": LINK} if outcome == "success" else {}
    return VideoSignal("avatar_video", heygen_id, outcome, **given | more)


@dataclass
class Scene:
    db: Database
    clock: StillClock
    ids: Ids
    can_ask: bool = True
    queue: Queue = field(init=False)
    lifecycle: Lifecycle = field(init=False)
    told: Signals = field(init=False)
    creation: Creation = field(init=False)

    def __post_init__(self) -> None:
        self.queue = Queue(self.clock, self.ids)
        self.lifecycle = Lifecycle(self.clock, self.ids, self.queue)
        self.told = Signals(self.lifecycle, self.queue, "local")
        self.creation = Creation(
            self.clock, self.lifecycle, self.queue, stores=("local", "cloudinary"), can_ask=self.can_ask
        )

    def create(self, state: State = State.REQUESTED, **values: Any) -> str:
        """A video as our API makes it, brought into *state* at once."""
        given: dict[str, Any] = {"kind": "avatar_video", "store": "local", "message": "Made by a test"}
        return self.db.write_now(lambda tx: self.lifecycle.create(tx, **given | values, state=state))

    def move(self, video_id: str, *states: State, **values: Any) -> bool:
        return [
            self.db.write_now(lambda tx, to=to: self.lifecycle.transition(tx, video_id, to, str(to), **values))  # type: ignore[misc]
            for to in states
        ][-1]

    def apply(self, told: VideoSignal, cause: str = "event-1") -> tuple[str, str]:
        return self.db.write_now(lambda tx: self.told.apply(tx, told, cause=cause))

    def new(self, key: str | None = None, by: Principal = OPERATOR, **fields: Any) -> tuple[str, bool]:
        return self.db.write_now(lambda tx: self.creation.create(tx, by, NewVideo(**fields), key))

    def store(self, video_id: str, role: str = "video", **values: Any) -> str:
        """An asset that is kept for good."""
        asset_id = self.ids.new()
        row = {
            "id": asset_id,
            "video_id": video_id,
            "role": role,
            "state": "stored",
            "store": "local",
            "location": f"{video_id}/{role}",
            "bytes": 9,
            "sha256": "f" * 64,
            "created_at": self.clock.now(),
        }
        self.db.write_now(lambda tx: tx.execute(assets.insert(), row | values))
        return asset_id

    def rows(self, table: Any, *conditions: Any) -> list[Row[Any]]:
        return self.db.write_now(lambda tx: list(tx.execute(select(table).where(*conditions).order_by(table.c.id))))

    def video(self, video_id: str) -> Row[Any]:
        (row,) = self.rows(videos, videos.c.id == video_id)
        return row

    def story(self, video_id: str) -> list[tuple[str, str | None]]:
        return [(row.kind, row.state) for row in self.rows(timeline, timeline.c.video_id == video_id)]

    def updates(self, video_id: str) -> list[dict[str, Any]]:
        """What browsers were told of a video, in order."""
        return [orjson.loads(row.data)["video"] for row in self.rows(stream, stream.c.video_id == video_id)]

    def open_jobs(self) -> list[tuple[str, dict[str, Any]]]:
        return [(row.kind, row.payload) for row in self.rows(jobs, jobs.c.state == "available")]

    def everything(self) -> list[Any]:
        """All that a refused move must leave alone."""
        return [self.rows(table) for table in (videos, timeline, stream, assets, jobs)]

    def edit(self, video_id: str, **values: Any) -> None:
        def work(tx: Tx) -> None:
            tx.execute(videos.update().where(videos.c.id == video_id).values(**values))

        self.db.write_now(work)

"""The archive of one service: a database, both jobs, and HeyGen answered by the file host."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Connection, Row, select, update

from reelhook.archive import ArchiveHandler, Fetcher, Links, LocalStore, Settling, Store
from reelhook.db import Database
from reelhook.db.tables import assets, jobs, stream, timeline, videos
from reelhook.heygen import HeyGen
from reelhook.jobs import Destinations, Queue
from reelhook.jobs.kinds import ArchiveAsset
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.videos import Lifecycle, State
from tests.archive.host import Host, status

KEY = "sk_V2_a_key"


@dataclass
class Scene:
    db: Database
    clock: Clock
    ids: Ids
    host: Host
    fetcher: Fetcher
    stores: Mapping[str, Store]
    told: list[tuple[str, str | None, int, int | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.queue = Queue(self.clock, self.ids)
        self.lifecycle = Lifecycle(self.clock, self.ids, self.queue)
        self.destinations = Destinations(self.clock, self.ids)
        self.settling = Settling(self.clock, self.ids, self.lifecycle, self.queue)

    @property
    def local(self) -> LocalStore:
        store = self.stores["local"]
        assert isinstance(store, LocalStore)
        return store

    def handler(self, *, asks: bool = True) -> ArchiveHandler:
        """With a HeyGen client, or without."""
        heygen = HeyGen(self.fetcher.session, self.host.url, KEY, self.clock) if asks else None
        return ArchiveHandler(
            self.db, self.clock, self.lifecycle, self.settling, self.fetcher,
            Links(heygen, self.clock, self.destinations), self.stores, self.destinations,
            lambda *told: self.told.append(told),
        )  # fmt: skip

    def heygen_says(self, *answers: Mapping[str, Any]) -> None:
        """What HeyGen answers about the video, one after the other."""
        bodies = [orjson.dumps({"data": {"id": "v1", "status": "completed", **one}}) for one in answers]
        self.host.put("/v3/videos/v1", *(status(200, body, Content_Type="application/json") for body in bodies))

    def heygen_refuses(self, code: int) -> None:
        body = orjson.dumps({"error": {"code": "no", "message": "No"}})
        self.host.put("/v3/videos/v1", status(code, body, Content_Type="application/json"))

    async def video(
        self, url: str | None, *, store: str = "local", heygen_id: str | None = "v1", title: str | None = "Tour"
    ) -> ArchiveAsset:
        """A rendered video whose main file waits to be archived."""

        def make(tx: Any) -> tuple[str, str]:
            video_id = self.lifecycle.create(
                tx, kind="avatar_video", store=store, message="made", state=State.RENDERING,
                heygen_video_id=heygen_id, subject="ann", title=title,
            )  # fmt: skip
            self.lifecycle.transition(tx, video_id, State.RENDERED, "done", source_url=url)
            self.lifecycle.want_asset(tx, video_id, "video", url)
            return video_id, tx.execute(select(assets.c.id).where(assets.c.video_id == video_id)).scalar_one()

        video_id, asset_id = await self.db.write(make)
        return ArchiveAsset(asset_id=asset_id, video_id=video_id)

    async def another(self, work: ArchiveAsset, role: str, url: str | None) -> ArchiveAsset:
        """One more asset of the same video."""
        await self.db.write(lambda tx: self.lifecycle.want_asset(tx, work.video_id, role, url))
        return ArchiveAsset(asset_id=(await self.assets())[role].id, video_id=work.video_id)

    async def settle(self, handler: ArchiveHandler, work: ArchiveAsset) -> bool:
        """What the worker does with a job that goes well. False when there was nothing to commit."""
        effect = await handler(work)
        if effect is not None:
            await self.db.write(effect)
        return effect is not None

    async def set_state(self, work: ArchiveAsset, state: State, **values: Any) -> None:
        change = update(videos).where(videos.c.id == work.video_id).values(state=state, **values)
        await self.db.write(lambda tx: tx.execute(change))

    async def row(self, work: ArchiveAsset) -> Row[Any]:
        query = select(videos).where(videos.c.id == work.video_id)
        return await self.db.read(lambda conn: conn.execute(query).one())

    async def assets(self) -> dict[str, Row[Any]]:
        return {row.role: row for row in await self.all(select(assets))}

    async def story(self) -> list[tuple[str, str]]:
        return [(row.kind, row.message) for row in await self.all(select(timeline).order_by(timeline.c.id))]

    async def entries(self, kind: str) -> list[Row[Any]]:
        return [row for row in await self.all(select(timeline).order_by(timeline.c.id)) if row.kind == kind]

    async def updates(self) -> list[dict[str, Any]]:
        return [orjson.loads(row.data)["video"] for row in await self.all(select(stream).order_by(stream.c.id))]

    async def jobs(self, kind: str) -> list[dict[str, Any]]:
        return [row.payload for row in await self.all(select(jobs).where(jobs.c.kind == kind))]

    async def all(self, query: Any) -> list[Row[Any]]:
        def rows(conn: Connection) -> list[Row[Any]]:
            return list(conn.execute(query).fetchall())

        return await self.db.read(rows)

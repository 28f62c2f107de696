"""P3: replays, however many and whenever they come, leave the same videos as without them."""

import asyncio
from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, select, update

from reelhook.db import Database, Tx
from reelhook.db.tables import assets, delivery_attempts, event_keys, events, jobs, stream, timeline, videos
from reelhook.kit.ids import Ids
from reelhook.videos import State
from reelhook.videos.states import FailedBy
from tests.conftest import StillClock, counting_bytes, examples

from .replaying import Scene, told

KINDS = {
    "success": {"kind": "avatar_video.success"},
    "success with a poster": {"kind": "avatar_video.success", "thumbnail_url": "https://files.heygen.example/p{}.jpg"},
    "failure": {"kind": "avatar_video.fail"},
    "failure with a code": {"kind": "avatar_video.fail", "code": "c{}", "msg": "because {}"},
    "gif": {"kind": "avatar_video_gif.success", "gif_download_url": "https://files.heygen.example/{}.gif"},
}
videos_by_name = st.sampled_from(["hv1", "hv2"])
delivery = st.tuples(st.just("deliver"), videos_by_name, st.sampled_from(sorted(KINDS)))
others = st.tuples(st.sampled_from(["keep", "give up", "delete"]), videos_by_name, st.just(""))
replay = st.tuples(st.just("replay"), st.just(""), st.integers(0, 20))
happenings = st.lists(delivery | delivery | others | replay | replay, max_size=16)
Happening = tuple[str, str, Any]


class Story:
    """What happens, one thing after the other."""

    def __init__(self, db: Database) -> None:
        clock = StillClock()
        self.scene = Scene(db, clock, Ids(clock, counting_bytes()))
        self.event_ids: list[str] = []
        self.deleted: set[str] = set()

    async def tell(self, happenings: Sequence[Happening], *, replays: bool) -> list[Any]:
        for number, (what, name, more) in enumerate(happenings):
            if what == "replay":
                if replays and self.event_ids:
                    await self.scene.replayed(self.event_ids[more % len(self.event_ids)])
            elif what == "deliver":
                await self.deliver(name, KINDS[more], number)
            else:
                await self.scene.db.write(lambda tx, what=what, name=name: self.change(tx, what, name))
        return await self.scene.db.read(outcome)

    async def deliver(self, name: str, about: dict[str, str], number: int) -> None:
        if name not in self.deleted:  # news of a deleted video would make it anew, with replays or without
            filled = {key: value.format(number) for key, value in about.items()}
            self.event_ids += await self.scene.applied(told(video=name, number=number, **filled))

    def change(self, tx: Tx, what: str, name: str) -> None:
        video = tx.execute(select(videos).where(videos.c.heygen_video_id == name)).first()
        if video is None:
            return
        lifecycle = self.scene.lifecycle
        if what == "delete":
            self.deleted.add(name)
            lifecycle.delete(tx, video.id)
        elif what == "give up":
            lifecycle.fail(tx, video.id, FailedBy.REELHOOK, "gave_up", "it took too long")
        elif lifecycle.transition(tx, video.id, State.ARCHIVING, "a") and lifecycle.transition(
            tx, video.id, State.READY, "r"
        ):
            tx.execute(update(assets).where(assets.c.video_id == video.id).values(state="stored", source_url=None))


def outcome(conn: Connection) -> list[Any]:
    """Videos, files, story and events, without the times and ids that a replay may change."""
    v, a, t, e = videos.c, assets.c, timeline.c, events.c
    return [
        conn.execute(query).fetchall()
        for query in (
            select(v.heygen_video_id, v.state, v.failed_by, v.failure_code, v.failure_message, v.source_url).order_by(
                v.heygen_video_id
            ),
            select(v.heygen_video_id, a.role, a.state, a.source_url)
            .join_from(assets, videos)
            .order_by(v.heygen_video_id, a.role),
            select(v.heygen_video_id, t.kind, t.message).join_from(timeline, videos).order_by(v.heygen_video_id, t.id),
            select(e.state, e.verdict).order_by(e.id),
        )
    ]


def tell(db: Database, happened: Sequence[Happening], *, replays: bool) -> list[Any]:
    for table in (events, event_keys, delivery_attempts, jobs, stream, timeline, assets, videos):
        db.write_now(lambda tx, table=table: tx.execute(delete(table)))
    return asyncio.run(Story(db).tell(happened, replays=replays))


@given(happenings)
@settings(max_examples=examples(25), deadline=None)
def test_replays_leave_the_same_videos_as_without_them(own: Database, happened: list[Happening]) -> None:
    assert tell(own, happened, replays=True) == tell(own, happened, replays=False)

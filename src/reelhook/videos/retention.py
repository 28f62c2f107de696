"""How long the story of a video is kept. The video itself stays until somebody deletes it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, not_

from reelhook.db.sweep import Sweep, fixed, older_than
from reelhook.db.tables import idempotency_keys, seen, timeline, videos
from reelhook.settings import Settings
from reelhook.videos.states import State

IDEMPOTENCY_FOR = timedelta(hours=24)
ON_ITS_WAY = sorted(set(State) - {State.READY, State.FAILED, State.UNARCHIVED})


def on_its_way(video_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a row belongs to a video that is not finished: nothing of it is pruned."""
    return exists().where(videos.c.id == video_id, videos.c.state.in_(ON_ITS_WAY))


def sweeps(config: Settings, now: datetime) -> Sequence[Sweep]:
    """The timeline, in how many browsers a video was seen, and the Idempotency-Keys of requests."""
    story_end = now - timedelta(days=config.timeline_days)
    return (
        Sweep(
            timeline.c.id,
            older_than(timeline.c.id, timeline.c.at, story_end),
            not_(on_its_way(timeline.c.video_id)),
        ),
        Sweep(seen.c.at, fixed(story_end), not_(on_its_way(seen.c.video_id))),
        Sweep(idempotency_keys.c.created_at, fixed(now - IDEMPOTENCY_FOR)),
    )

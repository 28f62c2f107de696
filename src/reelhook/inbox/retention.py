"""How long what arrived is kept: events with their deliveries, keys of repeats, rejections, what was learned."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, not_, select

from reelhook.db import Tx
from reelhook.db.sweep import Sweep, beyond_newest, either, fixed, older_than
from reelhook.db.tables import (
    delivery_attempts,
    event_keys,
    events,
    rejection_counts,
    rejections,
    schema_drift,
    senders,
)
from reelhook.kit.ids import Ids
from reelhook.settings import Settings
from reelhook.videos.retention import on_its_way

MOST_LEARNED = 500  # networks, and differences of shape


def sweeps(config: Settings, now: datetime) -> Sequence[Sweep]:
    """An event that is pending, or whose video is still on its way, is kept however old it is."""
    events_end = now - timedelta(days=config.event_days)
    rejections_end = now - timedelta(days=config.rejection_days)
    attempts = delivery_attempts.c
    return (
        Sweep(
            events.c.id,
            either(fixed(Ids.first_at(events_end)), beyond_newest(events.c.id, config.most_events)),
            and_(events.c.state != "pending", not_(on_its_way(events.c.video_id))),
            _with_attempts,
        ),
        # A repeat of an event that is gone already is still recognised, and leaves its delivery here.
        Sweep(
            attempts.id,
            older_than(attempts.id, attempts.at, events_end),
            not_(exists().where(events.c.id == attempts.event_id)),
        ),
        Sweep(event_keys.c.created_at, fixed(now - timedelta(days=config.dedup_days))),
        Sweep(
            rejections.c.id,
            either(
                fixed(Ids.first_at(rejections_end)),
                beyond_newest(rejections.c.id, config.most_rejections),
            ),
        ),
        Sweep(rejection_counts.c.hour, fixed(rejections_end)),
        # What was learned from events goes when the last of them that said it would.
        *(
            Sweep(table.c.last_seen_at, either(fixed(events_end), beyond_newest(table.c.last_seen_at, MOST_LEARNED)))
            for table in (senders, schema_drift)
        ),
    )


def _with_attempts(tx: Tx, span: ColumnElement[bool], last: Any) -> None:
    tx.execute(delete(delivery_attempts).where(delivery_attempts.c.event_id.in_(select(events.c.id).where(span))))

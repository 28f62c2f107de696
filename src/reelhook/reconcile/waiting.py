"""The videos that wait for HeyGen, and when it is time to ask about them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, func, or_, select, true, update

from reelhook.db import Tx
from reelhook.db.tables import assets, videos
from reelhook.heygen import ASKABLE
from reelhook.kit.backoff import full_jitter
from reelhook.kit.ids import Ids
from reelhook.videos.states import WAITING_FOR_HEYGEN

MOST = 1000  # videos of one run
# HeyGen typically needs 5 to 15 minutes: so long we wait for a webhook while no history of our own says more…
USUALLY = timedelta(minutes=15)
# …and so long at most, whatever that history says.
AT_MOST = timedelta(hours=1)
# HeyGen told us of a file of the video, so it has finished it: the event that says so is under way, or lost.
AFTER_ITS_FILES = timedelta(minutes=5)
AGAIN_S, AGAIN_AT_MOST_S = 60.0, 1800.0

IS_WAITING = videos.c.state.in_(sorted(WAITING_FOR_HEYGEN))


def waiting(conn: Connection, now: datetime, *, due: bool = True, most: int = MOST) -> Sequence[Row[Any]]:
    """The videos that HeyGen can be asked about; only those whose webhook should have come, if *due*."""
    can_be_asked = videos.c.heygen_video_id.is_not(None), videos.c.kind.in_(sorted(ASKABLE))
    query = select(videos).where(IS_WAITING, *can_be_asked, _due(now) if due else true())
    in_turn = func.coalesce(videos.c.ask_at, videos.c.created_at), videos.c.id
    return conn.execute(query.order_by(*in_turn).limit(most)).fetchall()


def waiting_since(conn: Connection, before: datetime) -> Sequence[Row[Any]]:
    """The videos that have been waiting since *before*, also those that nobody can be asked about."""
    oldest = select(videos).where(IS_WAITING, videos.c.id < Ids.first_at(before))
    return conn.execute(oldest.order_by(videos.c.id).limit(MOST)).fetchall()


def put_off(tx: Tx, video: Row[Any], now: datetime, fraction: float) -> bool:
    """Note that HeyGen was asked, and when to ask again; each pause is longer. False when it waits no more."""
    asks = video.asks + 1
    later = now + timedelta(seconds=full_jitter(asks, fraction, base_s=AGAIN_S, cap_s=AGAIN_AT_MOST_S))
    still = update(videos).where(videos.c.id == video.id, IS_WAITING)
    return tx.execute(still.values(asks=asks, ask_at=later)).rowcount == 1


def _due(now: datetime) -> ColumnElement[bool]:
    its_files = exists().where(assets.c.video_id == videos.c.id, assets.c.created_at <= now - AFTER_ITS_FILES)
    should_have_come = or_(
        videos.c.late.is_(True),
        videos.c.late_at <= now,
        and_(videos.c.late_at.is_(None), videos.c.created_at <= now - USUALLY),
        videos.c.created_at <= now - AT_MOST,
        its_files,
    )
    return or_(videos.c.ask_at <= now, and_(videos.c.ask_at.is_(None), should_have_come))

"""How long HeyGen takes, from our own history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, bindparam, select

from reelhook.db.tables import videos

SAMPLE = 200
FEWEST = 5
NEWEST = (
    select(videos.c.created_at, videos.c.rendered_at)
    .where(videos.c.kind == bindparam("of"), videos.c.rendered_at.is_not(None), videos.c.request.is_not(None))
    .order_by(videos.c.rendered_at.desc())
    .limit(SAMPLE)
)


@dataclass(frozen=True, slots=True)
class Usual:
    """Half of the renders of a kind took at most *p50*, all but one in twenty at most *p95*."""

    p50: timedelta
    p95: timedelta


def usual(conn: Connection, kind: str) -> Usual | None:
    """The render times of the newest videos of this *kind*, or None while there are too few to say."""
    times = sorted(rendered - created for created, rendered in conn.execute(NEWEST, {"of": kind}))
    if len(times) < FEWEST:
        return None
    return Usual(p50=_percentile(times, 50), p95=_percentile(times, 95))


def _percentile(ordered: Sequence[timedelta], percent: int) -> timedelta:
    """The nearest rank: the smallest of them that is not below *percent* of all."""
    return ordered[-(-len(ordered) * percent // 100) - 1]

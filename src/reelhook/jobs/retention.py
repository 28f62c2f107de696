"""How long work that is over is kept, with the story of its attempts."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, not_, or_

from reelhook.db.sweep import Sweep, fixed
from reelhook.db.tables import jobs
from reelhook.kit.ids import Ids
from reelhook.settings import Settings


def sweeps(
    config: Settings, now: datetime, spared: Callable[[ColumnElement[Any]], ColumnElement[bool]]
) -> Sequence[Sweep]:
    """Jobs that are done or were discarded; a dead letter waits for a person, however long. The attempts go along.

    *spared* says of which videos the jobs stay.
    """
    end = now - timedelta(days=config.job_days)
    over = or_(jobs.c.state == "done", and_(jobs.c.state == "dead", jobs.c.discarded_reason.is_not(None)))
    long_over = and_(over, jobs.c.finished_at < end)
    return (Sweep(jobs.c.id, fixed(Ids.first_at(end)), and_(long_over, not_(spared(jobs.c.video_id)))),)

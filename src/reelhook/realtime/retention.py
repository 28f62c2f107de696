"""How long the history of the stream is kept for those who reconnect."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, not_, select

from reelhook.db import Tx
from reelhook.db.sweep import Sweep, either, older_than
from reelhook.db.tables import stream
from reelhook.realtime.log import raise_floor
from reelhook.settings import Settings


def sweeps(
    config: Settings, now: datetime, spared: Callable[[ColumnElement[Any]], ColumnElement[bool]]
) -> Sequence[Sweep]:
    """The floor rises in the transaction in which rows go: a client below it is told `resync`.

    *spared* says of which videos the rows stay. They lie below the floor all the same.
    """
    too_many = _beyond(config.most_updates)
    too_old = older_than(stream.c.id, stream.c.at, now - timedelta(days=config.stream_days))
    return (Sweep(stream.c.id, either(too_old, too_many), not_(spared(stream.c.video_id)), _raise_floor),)


def _beyond(most: int) -> Callable[[Connection], Any]:
    """The ids are numbers in order, so there is nothing to count."""

    def bound(conn: Connection) -> Any:
        newest = conn.execute(select(func.max(stream.c.id))).scalar()
        return None if newest is None else newest - most + 1

    return bound


def _raise_floor(tx: Tx, span: ColumnElement[bool], last: Any) -> None:
    raise_floor(tx, last)

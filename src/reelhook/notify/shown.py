"""A notification as its person sees it, and the update that their browsers hear."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select

from reelhook.db import Tx
from reelhook.db.tables import notifications
from reelhook.kit.times import rfc3339
from reelhook.realtime.log import append

# The columns of `notifications`, as they are written or as they were read.
Columns = dict[str, Any] | RowMapping
EVENT = "notification"  # wants.py keeps these for the person alone


def shown(row: Columns) -> dict[str, Any]:
    plain = ("id", "kind", "severity", "title", "body", "url", "video_id", "incident_id", "channels")
    return {name: row[name] for name in plain} | {
        "created_at": rfc3339(row["created_at"]),
        "seen_at": rfc3339(row["seen_at"]) if row["seen_at"] else None,
        "quiet": row["quiet_until"] is not None,
    }


def publish(tx: Tx, row: Columns, at: datetime) -> None:
    """Have all browsers of its person hear of it, now and when they come back."""
    append(tx, EVENT, {"notification": shown(row)}, at=at, subject=row["person_id"])


def unseen(conn: Connection, person_id: str) -> int:
    """How many a person has not seen yet."""
    theirs = notifications.c.person_id == person_id, notifications.c.seen_at.is_(None)
    return int(conn.execute(select(func.count()).select_from(notifications).where(*theirs)).scalar_one())

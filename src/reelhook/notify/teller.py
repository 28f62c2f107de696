"""Tells people what happened, in the transaction in which it happens: rows, work, and what their browsers hear."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, delete, func, insert, or_, select

from reelhook.auth.roles import ROLES
from reelhook.db import Tx
from reelhook.db.insert import insert_or_ignore
from reelhook.db.tables import (
    muted_videos,
    notification_deliveries,
    notification_preferences,
    notifications,
    people,
    timeline,
)
from reelhook.jobs import Queue
from reelhook.jobs.kinds import SendDigest, SendNotification
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.notify import news, workspace
from reelhook.notify.channel import Channel
from reelhook.notify.channels.chat.announcing import Announcing
from reelhook.notify.channels.webhook import Outbox
from reelhook.notify.kinds import EFFECTS, IN_APP, OF_OWNERS, PERSONAL
from reelhook.notify.levels import Workspace
from reelhook.notify.news import News
from reelhook.notify.quiet import quiet_until
from reelhook.notify.shown import publish
from reelhook.videos import State

# Into these a video comes once, whatever is repeated; it may be given up as unarchived again and again.
ONCE = frozenset({State.READY, State.FAILED, "late"})
# They see all videos, and look after the service.
KEEPERS = sorted(role for role in ROLES if role != "viewer")
# Of those who have chosen nothing.
NOTHING_CHOSEN: dict[str, Any] = {"mine": {}, "whose": "mine", "quiet_hours": None, "digest": True, "volume": 70}


class Teller:
    """Listens to videos and incidents."""

    def __init__(
        self,
        clock: Clock,
        ids: Ids,
        queue: Queue,
        outbox: Outbox,
        announcing: Announcing,
        channels: Sequence[Channel],
    ) -> None:
        self._clock, self._ids, self._queue = clock, ids, queue
        self._outbox, self._announcing, self._channels = outbox, announcing, channels
        self._owners, self._keepers = _whom(channels, of_owners=True), _whom(channels, of_owners=False)

    def video(self, tx: Tx, what: str, video: dict[str, Any]) -> None:
        """A video came into the state *what*, or is `late` or `deleted`; shown as the API shows it."""
        if what == "deleted":
            self._forget(tx, video["id"])
        elif what in OF_OWNERS or what == State.UNARCHIVED:
            said = news.of_video(what, video, 1 if what in ONCE else _entry(tx, video["id"], what))
            self._tell(tx, said, video["subject"])

    def incident(self, tx: Tx, what: news.Incident, incident: dict[str, Any]) -> None:
        """An incident was opened, has become worse, or is over; see `news.of_incident`."""
        self._tell(tx, news.of_incident(what, incident), None)

    def say(self, tx: Tx, person_id: str, said: News, ways: Sequence[str], until: datetime | None = None) -> str | None:
        """Tell one person by these *ways*; the notification's id, or None when they were told of it already."""
        told = self._write(tx, [self._row(person_id, said, ways, (), until)])
        return next(iter(told), None)

    def _tell(self, tx: Tx, said: News, subject: str | None) -> None:
        chosen = tx.once(workspace.read)
        asked = tx.once(self._asked, said.kind in OF_OWNERS, subject)
        deaf = _muted(tx, said.video_id) if asked and not _critical(chosen, said) else frozenset()
        rows = [self._planned(chosen, said, person) for person in asked if person.id not in deaf]
        self._write(tx, [row for row in rows if row is not None])
        if chosen.on(said.kind, "chat"):
            self._announcing.announce(tx, said)
        if chosen.on(said.kind, "webhook"):
            self._outbox.notification(tx, said.kind, {**said.row(), "incident_id": said.incident_id}, subject)

    def _asked(self, conn: Connection, of_owners: bool, subject: str | None) -> Sequence[Row[Any]]:
        """Everybody who may have to be told."""
        return (
            conn.execute(self._owners, {"subject": subject}).all() if of_owners else conn.execute(self._keepers).all()
        )

    def _planned(self, chosen: Workspace, said: News, person: Row[Any]) -> dict[str, Any] | None:
        """The notification as a row, with its deliveries; None when this person wants none."""
        reached = {IN_APP, *EFFECTS} | {
            channel.name for channel in self._channels if getattr(person, f"by_{channel.name}")
        }
        mine = person.mine or {}
        ways = [
            way for way in PERSONAL if way in reached and chosen.choice(mine, said.kind, way, critical=said.critical).on
        ]
        if not ways:
            return None
        until = None if _critical(chosen, said) else quiet_until(person.quiet_hours, self._clock.now())
        if until is None:
            return self._row(person.id, said, ways, (), None)
        loud = [way for way in ways if way != IN_APP]
        row = self._row(person.id, said, [way for way in ways if way == IN_APP], loud, until)
        if person.digest is not False:
            row["digest_at"] = until
        return row

    def _row(
        self, person_id: str, said: News, ways: Sequence[str], held: Sequence[str], until: datetime | None
    ) -> dict[str, Any]:
        now = self._clock.now()
        return {
            "id": self._ids.new(),
            "person_id": person_id,
            **said.row(),
            "incident_id": said.incident_id,
            "channels": list(ways),
            "quiet_until": until,
            "created_at": now,
            # Whoever wants no list of them has nothing unseen in it.
            "seen_at": None if IN_APP in ways else now,
            "held": held,
        }

    def _write(self, tx: Tx, rows: Sequence[dict[str, Any]]) -> list[str]:
        """Write those that are new, with all that follows; returns their ids."""
        planned = {row["id"]: row for row in rows}
        columns = [{name: row[name] for name in row if name not in ("held", "digest_at")} for row in rows]
        new = [row.id for row in insert_or_ignore(tx, notifications, columns, returning=[notifications.c.id])]
        written = [planned[id_] for id_ in sorted(new)]
        deliveries = [one for row in written for one in self._deliveries(row)]
        if deliveries:
            tx.execute(insert(notification_deliveries), deliveries)
        for one in deliveries:
            if one["state"] == "pending" and one["channel"] not in EFFECTS:
                self._queue.add(tx, SendNotification(delivery_id=one["id"], channel=one["channel"]))
        for row in written:
            if (at := row.get("digest_at")) is not None:
                self._queue.add(tx, SendDigest(person_id=row["person_id"], until=at), run_at=at)
            publish(tx, row, self._clock.now())
        return new

    def _deliveries(self, row: dict[str, Any]) -> list[dict[str, Any]]:
        def one(channel: str, state: str) -> dict[str, Any]:
            known = {"notification_id": row["id"], "at": row["created_at"]}
            return known | {"id": self._ids.new(), "channel": channel, "state": state}

        sent = [one(way, "sent" if way == IN_APP else "pending") for way in row["channels"]]
        return sent + [one(way, "suppressed") for way in row["held"]]

    def _forget(self, tx: Tx, video_id: str) -> None:
        """What was said of a video goes with it: it would lead nowhere, and names what somebody wanted gone."""
        tx.execute(delete(notifications).where(notifications.c.video_id == video_id))
        self._announcing.forget(tx, video_id)


def _whom(channels: Sequence[Channel], *, of_owners: bool) -> Select[Any]:
    """Everybody who may have to be told, what they chose, and by what they can be reached: one query."""
    chosen = notification_preferences
    keeper = or_(*(people.c.role == role for role in KEEPERS))
    whose: ColumnElement[bool] = keeper
    if of_owners:
        whose = or_(people.c.id == bindparam("subject"), and_(keeper, chosen.c.whose == "all"))
    reach = [channel.reachable().label(f"by_{channel.name}") for channel in channels]
    joined = people.outerjoin(chosen, chosen.c.person_id == people.c.id)
    columns = (people.c.id, chosen.c.mine, chosen.c.quiet_hours, chosen.c.digest)
    query = select(*columns, *reach).select_from(joined).where(people.c.disabled_at.is_(None), whose)
    # In one order everywhere: two transactions that tell the same people must not wait for each other for ever.
    return query.order_by(people.c.id)


def _critical(chosen: Workspace, said: News) -> bool:
    """Whether nobody can keep it away by quiet hours or by muting a video."""
    return said.critical or said.kind in chosen.critical


def _muted(tx: Tx, video_id: str | None) -> frozenset[str]:
    """Who wants to hear nothing of this video."""
    return frozenset(tx.execute(select(muted_videos.c.person_id).where(muted_videos.c.video_id == video_id)).scalars())


def _entry(tx: Tx, video_id: str, what: str) -> int:
    """The number of the timeline entry that was just written: it tells this time from all others."""
    tx.flush()
    newest = select(func.max(timeline.c.id)).where(timeline.c.video_id == video_id, timeline.c.kind == what)
    return int(tx.execute(newest).scalar_one())

"""The only place where a video changes: its row, its timeline and its stream row in one transaction."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from reelhook import metrics
from reelhook.db import Tx
from reelhook.db.insert import insert_or_ignore
from reelhook.db.rows import row_of
from reelhook.db.tables import assets, jobs, timeline, videos
from reelhook.events import dies_at
from reelhook.jobs import Queue
from reelhook.jobs.kinds import ArchiveAsset, DeleteStored
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.kit.text import shorten, storable
from reelhook.realtime.log import append
from reelhook.videos import views
from reelhook.videos.eta import usual
from reelhook.videos.states import WAITING_FOR_HEYGEN, FailedBy, State, allowed

TITLE_LENGTH = 200
UNKNOWN_CODE = "unknown"  # of a failure for which HeyGen gave no code
# Made once: to build such a statement takes as long as to run it.
ADD = insert(videos).returning(videos)
CHANGE = update(videos).where(videos.c.id == bindparam("of")).returning(videos)
ADD_ENTRY = insert(timeline)
ASSET = select(assets).where(assets.c.video_id == bindparam("video"), assets.c.role == bindparam("as"))

Data = Mapping[str, Any]  # what a timeline entry keeps beside its words
# Told, inside the transaction, of the state a video came into, or that it is `late` or `deleted`, and how it is shown.
Listener = Callable[[Tx, str, views.Json], None]


def nobody(tx: Tx, what: str, video: views.Json) -> None:
    """Nobody wants to know."""


class Lifecycle:
    """Creates, moves and describes videos, always inside the caller's transaction, and tells *listener* of it."""

    def __init__(self, clock: Clock, ids: Ids, queue: Queue, listener: Listener = nobody) -> None:
        self._clock, self._ids, self._queue, self._listener = clock, ids, queue, listener

    def create(self, tx: Tx, **given: Any) -> str:
        """`add` a video, and return its id."""
        return str(self.add(tx, **given).id)

    def add(
        self,
        tx: Tx,
        *,
        kind: str,
        store: str,
        message: str,
        state: State,
        data: Data | None = None,
        **values: Any,
    ) -> Row[Any]:
        """Add a video in *state* and return its row. *data* goes into its first entry, *values* are further columns."""
        now, video_id = self._clock.now(), self._ids.new()
        values |= {name: _plain(values.get(name)) for name in ("title", "subject")}
        row = {
            "id": video_id,
            "kind": kind,
            "store": store,
            "state": state,
            "late": False,
            "created_at": now,
            "updated_at": now,
        }
        if state in WAITING_FOR_HEYGEN and (times := tx.once(usual, kind)):
            # Of a video that was requested elsewhere nobody knows how long it has been waiting already.
            row |= {"eta_at": now + times.p50 if values.get("request") else None, "late_at": now + times.p95}
        made = tx.execute(ADD, row | values).one()
        self.note(tx, video_id, state, message, state=state, data=data)
        self._listener(tx, state, self._publish(tx, made, new=True))
        tx.after_commit(metrics.TRANSITIONS.labels(state).inc)
        return made

    def transition(
        self,
        tx: Tx,
        video: str | Row[Any],
        to: State,
        message: str,
        *,
        failed_by: FailedBy | None = None,
        data: Data | None = None,
        **values: Any,
    ) -> bool:
        """Move a video, write the timeline entry and the stream row. False, and nothing changed, if the way is closed.

        *video* is its id, or its row as this transaction has locked it. *values* are further columns to set.
        """
        row = self._locked(tx, video)
        if not _may_move(row, to):
            return False
        self._move(tx, row, to, message, data=data, failed_by=failed_by, **values)
        return True

    def _move(self, tx: Tx, row: Row[Any], to: State, message: str, *, data: Data | None, **values: Any) -> None:
        now = self._clock.now()
        given = {"failed_by": None} | _entering(to, now) | values | {"updated_at": max(now, row.updated_at)}
        moved = self.change(tx, row.id, **given)
        self.note(tx, row.id, to, message, state=to, data=data)
        self._listener(tx, to, self._publish(tx, moved))
        tx.after_commit(metrics.TRANSITIONS.labels(to).inc)

    def rendered(self, tx: Tx, video: str | Row[Any], message: str, link: str | None, *, data: Data) -> bool:
        """HeyGen has made the video: have its file archived, and move it. False if the way is closed.

        The file comes first: those who are told of the move are told when its *link* ends.
        """
        row = self._locked(tx, video)
        if not _may_move(row, State.RENDERED):
            return False
        self._want(tx, row, "video", link)
        self._move(tx, row, State.RENDERED, message, data=data, source_url=link)
        return True

    def fail(
        self, tx: Tx, video: str | Row[Any], by: FailedBy, code: str | None, message: str, *, data: Data | None = None
    ) -> bool:
        """Move a video to `failed`, with the reason in plain words."""
        reason = shorten(storable(message), 1000)
        return self.transition(
            tx,
            video,
            State.FAILED,
            reason,
            failed_by=by,
            data=data,
            failure_code=shorten(storable(code or UNKNOWN_CODE), 100),
            failure_message=reason,
        )

    def note(
        self, tx: Tx, video_id: str, kind: str, message: str, *, state: State | None = None, data: Data | None = None
    ) -> None:
        """Write a timeline entry."""
        row = {
            "video_id": video_id,
            "at": self._clock.now(),
            "kind": kind,
            "state": state,
            "message": shorten(storable(message), 1000),
            "data": dict(data or {}),
        }
        tx.later(ADD_ENTRY, row)

    def change(self, tx: Tx, video_id: str, **values: Any) -> Row[Any]:
        """Set columns of which nobody is told, and return the row as it is then."""
        return tx.execute(CHANGE, {"of": video_id} | values).one()

    def amend(self, tx: Tx, video_id: str, **values: Any) -> views.Json:
        """Change columns that are not the state (title, subject, late …); browsers are told what is returned.

        For whom it belonged to, a video that is given away is gone.
        """
        row = self.get(tx.conn, video_id, lock=True)
        now = max(self._clock.now(), row.updated_at)
        values |= {name: _plain(values[name]) for name in ("title", "subject") if name in values}
        if row.subject is not None and values.get("subject", row.subject) != row.subject:
            self._publish_gone(tx, row)
        return self._publish(tx, self.change(tx, video_id, updated_at=now, **values))

    def publish(self, tx: Tx, video_id: str) -> views.Json:
        """Add a stream row with the video as it is now, and return that."""
        return self._publish(tx, self.get(tx.conn, video_id))

    def _publish(self, tx: Tx, row: Row[Any], *, new: bool = False) -> views.Json:
        shown = views.show_new(row) if new else views.show(tx.conn, row)
        append(tx, "video.updated", {"video": shown}, at=self._clock.now(), video_id=row.id, subject=row.subject)
        return shown

    def _publish_gone(self, tx: Tx, row: Row[Any]) -> None:
        gone = {"video": {"id": row.id, "deleted": True}}
        append(tx, "video.updated", gone, at=self._clock.now(), video_id=row.id, subject=row.subject)

    def want_asset(self, tx: Tx, video_id: str, role: str, source_url: str | None) -> bool:
        """Make sure an asset of the video exists and is stored or being archived. False if it was known already.

        A link to what is stored already is not looked at; while it is not, the newest link is the one to try.
        """
        return self._want(tx, self.get(tx.conn, video_id), role, source_url)

    def _want(self, tx: Tx, video: Row[Any], role: str, source_url: str | None) -> bool:
        now = self._clock.now()
        expires = dies_at(source_url, now) if source_url else None
        wanted = {
            "id": self._ids.new(),
            "video_id": video.id,
            "role": role,
            "state": "pending",
            "store": video.store,
            "source_url": source_url,
            "link_expires_at": expires,
            "created_at": now,
        }
        if added := insert_or_ignore(tx, assets, [wanted], returning=list(assets.c)):
            self._archive(tx, added[0], expires)
            return True
        asset = tx.execute(ASSET, {"video": video.id, "as": role}).one()
        if asset.state == "pending":
            if source_url is not None:
                newer = update(assets).where(assets.c.id == asset.id)
                tx.execute(newer.values(source_url=source_url, link_expires_at=expires))
            self._archive(tx, asset, expires or asset.link_expires_at)
        return False

    def archive_again(self, tx: Tx, video_id: str) -> None:
        """Start over with the main file of an unarchived video; its dead letter waits for nobody any more."""
        asset = tx.execute(ASSET, {"video": video_id, "as": "video"}).one()
        again = ArchiveAsset(asset_id=asset.id, video_id=video_id)
        self._queue.put_aside(tx, again, "the video was tried again")
        self._archive(tx, asset, None)

    def _archive(self, tx: Tx, asset: Row[Any], link_dies_at: datetime | None) -> None:
        """The earlier a link dies, the earlier its file is fetched."""
        deadline = link_dies_at or dies_at(None, self._clock.now())
        self._queue.add(tx, ArchiveAsset(asset_id=asset.id, video_id=asset.video_id), deadline=deadline)

    def fetch_again(self, tx: Tx, asset_id: str) -> None:
        """A stored file is gone or spoilt: it counts as pending and is archived again; a ready video stays ready."""
        kept = assets.c.id == asset_id, assets.c.location.is_not(None)
        asset = tx.execute(select(assets).where(*kept)).first()
        if asset is None:
            return
        self.get(tx.conn, asset.video_id, lock=True)
        if asset.state == "stored":
            tx.execute(update(assets).where(assets.c.id == asset_id).values(state="pending", upload=None))
            words = f"The stored file ({asset.role}) is gone or spoilt; it is fetched again"
            self.note(tx, asset.video_id, "asset_lost", words, data={"role": asset.role})
            self.publish(tx, asset.video_id)
        self._queue.add(tx, ArchiveAsset(asset_id=asset_id, video_id=asset.video_id))

    def delete(self, tx: Tx, video_id: str) -> None:
        """Delete a video; its stored files are deleted by jobs, its waiting work is dropped."""
        row = self.get(tx.conn, video_id, lock=True)
        shown = views.show(tx.conn, row) | {"asset": None}
        stored = tx.execute(select(assets).where(assets.c.video_id == video_id, assets.c.location.is_not(None)))
        for asset in stored.fetchall():
            self._queue.add(tx, DeleteStored(store=asset.store, location=asset.location))
        tx.execute(delete(jobs).where(jobs.c.video_id == video_id, jobs.c.state.in_(("available", "retryable"))))
        tx.execute(delete(videos).where(videos.c.id == video_id))
        self._publish_gone(tx, row)
        self._listener(tx, "deleted", shown)

    def flag_late(self, tx: Tx) -> int:
        """Flag the videos that wait longer than our own p95; returns how many."""
        due = select(videos.c.id).where(videos.c.late_at.is_not(None), videos.c.late_at <= self._clock.now())
        # Locked in one order: none of them may finish between being found here and being flagged.
        late = tx.execute(due.order_by(videos.c.id).with_for_update()).fetchall()
        for (video_id,) in late:
            self.note(tx, video_id, "late", "This takes longer than usual")
            self._listener(tx, "late", self.amend(tx, video_id, late=True, late_at=None, eta_at=None))
        return len(late)

    def get(self, conn: Connection, video_id: str, *, lock: bool = False) -> Row[Any]:
        """The row of a video. Raises *NotFound*. With *lock* nobody else can move it before this transaction ends."""
        return row_of(conn, videos, video_id, "video", lock=lock)

    def _locked(self, tx: Tx, video: str | Row[Any]) -> Row[Any]:
        return self.get(tx.conn, video, lock=True) if isinstance(video, str) else video


def _may_move(row: Row[Any], to: State) -> bool:
    return allowed(State(row.state), FailedBy(row.failed_by) if row.failed_by else None, to)


def _entering(state: State, now: datetime) -> dict[str, Any]:
    """The columns that change because a video comes into *state*."""
    entered: dict[str, Any] = {"state": state}
    if state not in WAITING_FOR_HEYGEN:
        entered |= {"late": False, "late_at": None, "eta_at": None}
    if state not in (State.FAILED, State.UNARCHIVED):
        entered |= {"failure_code": None, "failure_message": None}
    if state is State.RENDERED:
        entered |= {"rendered_at": now}
    if state is State.READY:
        entered |= {"ready_at": now, "source_url": None}
    return entered


def _plain(text: str | None) -> str | None:
    """A title or subject that can be stored; None for one with nothing in it."""
    return shorten(storable(text or ""), TITLE_LENGTH) or None

"""What is committed when an attempt at an asset has ended: its row, and what its video's watchers see."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from reelhook import logs, metrics
from reelhook.archive.errors import LinkExpired, LinkUsedUp
from reelhook.archive.links import MAIN, Link
from reelhook.archive.progress import Progress
from reelhook.archive.stores.store import Stored
from reelhook.db import Tx
from reelhook.db.insert import insert_or_ignore
from reelhook.db.tables import assets, timeline, videos
from reelhook.events import expires_at
from reelhook.jobs import Failure, Queue
from reelhook.jobs.kinds import ArchiveAsset, ConfirmVideo, DeleteStored
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.videos import Lifecycle, State

log = logs.get("archive")
# Roles as people say them, where that differs.
SPOKEN = {"gif": "GIF", "captioned": "captioned version"}
LOST = (LinkExpired.code, LinkUsedUp.code)
ENDS = ("stored", "lost", "gave_up")


@dataclass(frozen=True)
class Outcome:
    """A file that is stored, in which store, and what HeyGen told with the *link* to it."""

    stored: Stored
    store: str
    link: Link


class Settling:
    """Writes the end of an attempt, always inside the caller's transaction."""

    def __init__(self, clock: Clock, ids: Ids, lifecycle: Lifecycle, queue: Queue) -> None:
        self._clock, self._ids, self._lifecycle, self._queue = clock, ids, lifecycle, queue

    def stored(self, tx: Tx, work: ArchiveAsset, role: str, outcome: Outcome, took_s: float) -> None:
        """The file is kept: say so. When its video was deleted meanwhile, the file goes as well."""
        stored = outcome.stored
        if not self._update(tx, work, stored):
            self._queue.add(tx, DeleteStored(store=outcome.store, location=stored.location))
            return
        data = {"role": role, "bytes": stored.bytes, "store": outcome.store, "sha256": stored.sha256}
        data["ms"] = round(took_s * 1000)
        if role == MAIN:
            self._add_poster(tx, work, outcome)
            self._want_others(tx, work, outcome.link.others)
            self._learn_length(tx, work, outcome.link.length_ms)
        ready = role == MAIN and self._lifecycle.transition(
            tx, work.video_id, State.READY, "Stored and verified", data=data
        )
        if not ready:
            self._lifecycle.note(tx, work.video_id, "asset", f"Stored the {SPOKEN.get(role, role)}", data=data)
            self._lifecycle.publish(tx, work.video_id)
        dies_at = expires_at(outcome.link.url)
        left = None if dies_at is None else dies_at - self._clock.now()
        tx.after_commit(lambda: _count(outcome, took_s, left))
        log_line = {"video_id": work.video_id, **data, "verified": stored.verified}
        tx.after_commit(lambda: log.info("archive.stored", **log_line))

    def failed(self, tx: Tx, work: ArchiveAsset, role: str, failure: Failure, reached: Progress) -> None:
        """An attempt failed: the timeline says why and how far it came, if the video is still there."""
        data = {"role": role, "code": failure.code, "retryable": failure.retryable}
        if reached.done:
            data |= {"bytes": reached.done, "total": reached.total}
        self._tell(tx, work.video_id, "attempt_failed", failure.message, data)

    def waits(self, tx: Tx, work: ArchiveAsset, role: str, reason: str) -> None:
        """Nothing was tried: something outside is away."""
        self._tell(tx, work.video_id, "waiting", reason, {"role": role})

    def dead(self, tx: Tx, work: ArchiveAsset, failure: Failure) -> None:
        """No attempt is left."""
        asset = tx.execute(select(assets.c.role, assets.c.store).where(assets.c.id == work.asset_id)).first()
        if asset is None:
            return
        role = asset.role
        tx.after_commit(metrics.ARCHIVES.labels(asset.store, "lost" if failure.code in LOST else "gave_up").inc)
        unarchived = role == MAIN and self._lifecycle.transition(
            tx,
            work.video_id,
            State.UNARCHIVED,
            failure.message,
            data={"code": failure.code},
            failure_code=failure.code,
            failure_message=failure.message,
        )
        if not unarchived:
            self._lifecycle.note(
                tx, work.video_id, "asset_failed", f"The {SPOKEN.get(role, role)} is not stored: {failure.message}"
            )

    def _update(self, tx: Tx, work: ArchiveAsset, stored: Stored) -> bool:
        values: dict[str, Any] = {
            "state": "stored",
            "source_url": None,
            "location": stored.location,
            "url": stored.url,
            "content_type": stored.content_type,
            "bytes": stored.bytes,
            "sha256": stored.sha256,
            "md5": stored.md5,
            "verified": stored.verified,
            "upload": None,
            "stored_at": self._clock.now(),
        }
        return tx.execute(update(assets).where(assets.c.id == work.asset_id).values(**values)).rowcount == 1

    def _want_others(self, tx: Tx, work: ArchiveAsset, others: Mapping[str, str] | None) -> None:
        if others is None:
            self._queue.add(tx, ConfirmVideo(video_id=work.video_id))  # HeyGen's answer will name them
            return
        for role, url in others.items():
            self._lifecycle.want_asset(tx, work.video_id, role, url)

    def _learn_length(self, tx: Tx, work: ArchiveAsset, length_ms: int | None) -> None:
        if length_ms is not None:
            tx.execute(update(videos).where(videos.c.id == work.video_id).values(length_ms=length_ms))

    def _add_poster(self, tx: Tx, work: ArchiveAsset, outcome: Outcome) -> None:
        """A still that the store makes by itself needs no download."""
        if outcome.stored.poster_url is None:
            return
        now = self._clock.now()
        row = {
            "id": self._ids.new(),
            "video_id": work.video_id,
            "role": "poster",
            "state": "stored",
            "store": outcome.store,
            "url": outcome.stored.poster_url,
            "content_type": "image/jpeg",
            "created_at": now,
            "stored_at": now,
        }
        insert_or_ignore(tx, assets, [row])

    def _tell(self, tx: Tx, video_id: str, kind: str, message: str, data: dict[str, Any]) -> None:
        """Write it into the video's story, unless its last entry says just that: an outage may last for days."""
        if tx.execute(select(videos.c.id).where(videos.c.id == video_id)).first() is None:
            return
        newest = select(timeline.c.kind, timeline.c.message).where(timeline.c.video_id == video_id)
        last = tx.execute(newest.order_by(timeline.c.id.desc()).limit(1)).first()
        if last is None or tuple(last) != (kind, message):
            self._lifecycle.note(tx, video_id, kind, message, data=data)


def _count(outcome: Outcome, took_s: float, link_left: timedelta | None) -> None:
    metrics.ARCHIVED_BYTES.labels(outcome.store).inc(outcome.stored.bytes)
    metrics.ARCHIVES.labels(outcome.store, "stored").inc()
    metrics.ARCHIVE_SECONDS.labels(outcome.store).observe(took_s)
    if link_left is not None:
        metrics.LINK_LEFT_SECONDS.observe(link_left.total_seconds())

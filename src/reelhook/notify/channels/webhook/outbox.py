"""What is to be said is queued in the transaction in which it happens: both are committed, or neither is."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, Row, insert, select

from reelhook.db import Tx
from reelhook.db.tables import outgoing_deliveries, outgoing_messages, subscription_endpoints, videos
from reelhook.jobs import Queue
from reelhook.jobs.kinds import DeliverWebhook
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.kit.times import rfc3339
from reelhook.notify.channels.webhook.types import of_heygen, wanted

_COLUMNS = subscription_endpoints.c
LISTENING = (
    select(_COLUMNS.id, _COLUMNS.types, _COLUMNS.subject)
    .where(_COLUMNS.state != "disabled")
    .order_by(_COLUMNS.id)
    .with_for_update(read=True, key_share=True)
)
NOTIFICATION_FIELDS = ("kind", "severity", "title", "body", "url", "video_id", "incident_id")


class Outbox:
    """Queues one message, and a delivery of it for each endpoint that asked for such."""

    def __init__(self, clock: Clock, ids: Ids, queue: Queue) -> None:
        self._clock, self._ids, self._queue = clock, ids, queue

    def video(self, tx: Tx, what: str, video: Mapping[str, Any]) -> None:
        """A video came into the state *what*, or is `late` or `deleted`; it is shown as the API shows it."""
        self._put(tx, f"video.{what}", video["id"], lambda: video["subject"], lambda: {"video": video})

    def event(self, tx: Tx, event: Row[Any], video_id: str | None) -> None:
        """HeyGen told something, about one of our videos or none; its signature, or its own answer, vouches for it."""

        def data() -> dict[str, Any]:
            return {
                "event_id": event.id,
                "video_id": video_id,
                "source": event.source,
                "received_at": rfc3339(event.received_at),
                "body": as_received(event.body),
            }

        def owner() -> str | None:
            return tx.execute(select(videos.c.subject).where(videos.c.id == video_id)).scalar()

        self._put(tx, of_heygen(event.type), video_id, owner, data)

    def notification(self, tx: Tx, kind: str, said: Mapping[str, Any], subject: str | None) -> None:
        """Something that people are told of; *subject*: whose video it is about, if it is about one."""
        data = {name: said[name] for name in NOTIFICATION_FIELDS}
        self._put(tx, f"notification.{kind}", said["video_id"], lambda: subject, lambda: data)

    def message(self, type: str, data: Mapping[str, Any], video_id: str | None) -> dict[str, Any]:
        """The row of a message. Its payload is made once: every attempt sends and signs the same bytes."""
        now = self._clock.now()
        payload = orjson.dumps({"type": type, "timestamp": rfc3339(now), "data": data})
        return {
            "id": message_id(self._ids.new()),
            "type": type,
            "video_id": video_id,
            "payload": payload,
            "created_at": now,
        }

    def delivery(self, message: str, endpoint_id: str) -> dict[str, Any]:
        """The row of a delivery that is to come."""
        return {
            "id": self._ids.new(),
            "message_id": message,
            "endpoint_id": endpoint_id,
            "state": "pending",
            "created_at": self._clock.now(),
        }

    def _put(
        self,
        tx: Tx,
        type: str,
        video_id: str | None,
        owner: Callable[[], str | None],
        data: Callable[[], Mapping[str, Any]],
    ) -> None:
        """*owner* and *data* are asked for only when somebody wants to know."""
        takers = _takers(tx, type, owner)
        if not takers:
            return
        message = self.message(type, data(), video_id)
        deliveries = [self.delivery(message["id"], endpoint_id) for endpoint_id in takers]
        tx.execute(insert(outgoing_messages), message)
        tx.execute(insert(outgoing_deliveries), deliveries)
        for one in deliveries:
            self._queue.add(tx, DeliverWebhook(delivery_id=one["id"], endpoint_id=one["endpoint_id"]))


def message_id(id: str) -> str:
    """The id of a message as the receivers see it, from one of our own; it sorts by time like that."""
    return "msg_" + id.replace("-", "")


def _takers(tx: Tx, type: str, owner: Callable[[], str | None]) -> list[str]:
    """The endpoints that want it; the paused ones too, for they want it later."""
    interested = [row for row in tx.once(_listening) if wanted(row.types, type)]
    subject = owner() if any(row.subject is not None for row in interested) else None
    return [row.id for row in interested if row.subject in (None, subject)]


def _listening(conn: Connection) -> Sequence[Any]:
    """None of them can be deleted before this transaction ends: else its rows would refer to nothing."""
    return conn.execute(LISTENING).all()


def as_received(body: bytes) -> orjson.Fragment | str:
    """What HeyGen sent, to be embedded in JSON: byte for byte if it is JSON itself, else as text."""
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return body.decode("utf-8", "replace")
    return orjson.Fragment(body)

"""The jobs of outgoing webhooks: send one message to one endpoint, and queue many of them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, exists, select, update

from reelhook import logs, tracing
from reelhook.db import Database, Tx
from reelhook.db.tables import outgoing_deliveries, outgoing_messages, subscription_endpoints
from reelhook.jobs import Destinations, Effect, Failure, Queue
from reelhook.jobs.kinds import DeliverWebhook, SendDeliveries
from reelhook.kit.clock import Clock
from reelhook.notify.channels.webhook.errors import NotAccepted
from reelhook.notify.channels.webhook.records import Records, lock
from reelhook.notify.channels.webhook.secrets import Secrets, alive
from reelhook.notify.channels.webhook.sender import Answer, Sender
from reelhook.notify.channels.webhook.turns import Turns
from reelhook.notify.channels.webhook.types import TEST
from reelhook.units import NotificationAttempted

log = logs.get("notify")
BATCH = 100  # queued in one transaction
REPLAYED = "the delivery was replayed"


def destination(endpoint_id: str) -> str:
    """The name under which work waits for an endpoint that is down."""
    return f"webhook {endpoint_id}"


@dataclass(frozen=True, slots=True)
class _Task:
    """What there is to know before an attempt."""

    url: str
    endpoint_state: str
    message: Row[Any]
    secrets: list[Row[Any]]


class DeliverHandler:
    """Makes one attempt at a delivery."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        secrets: Secrets,
        sender: Sender,
        records: Records,
        destinations: Destinations,
        turns: Turns,
    ) -> None:
        self._db, self._clock, self._secrets, self._sender = db, clock, secrets, sender
        self._records, self._destinations, self._turns = records, destinations, turns

    async def __call__(self, work: DeliverWebhook) -> Effect | None:
        task = await self._db.read(lambda conn: self._load(conn, work))
        if task is None or task.endpoint_state == "disabled":
            return None
        if task.endpoint_state == "paused":
            return lambda tx: self._records.park(tx, work)
        logs.about(video_id=task.message.video_id)
        secrets = self._secrets.opened(task.secrets)
        with self._turns.take(work.endpoint_id):
            async with self._destinations.reach(destination(work.endpoint_id), NotAccepted):
                with tracing.span("deliver webhook", "client", about={"message_id": task.message.id}):
                    answer = await self._sender.send(task.url, task.message.id, task.message.payload, secrets)
                    tracing.note(status=answer.status)
                    if answer.error is not None:
                        tracing.fail(answer.error.code)
                _tell(work, task.message.type, answer)
                # In a transaction of its own: beside the job's row, the endpoint's would be locked in the wrong order.
                await self._db.write(lambda tx: self._records.settle(tx, work, answer))
                if answer.error is not None and not answer.gone:
                    raise answer.error
        return None

    def on_dead(self, tx: Tx, work: DeliverWebhook, failure: Failure) -> None:
        """All attempts are used; a replay, or a retry of the job, begins anew."""
        self._records.fail(tx, work, failure.message)

    def _load(self, conn: Connection, work: DeliverWebhook) -> _Task | None:
        """None when nothing is to be sent: it was delivered, discarded, or replayed since, or is not there any more."""
        delivery, message, endpoint = outgoing_deliveries.c, outgoing_messages, subscription_endpoints.c
        joined = outgoing_deliveries.join(subscription_endpoints)
        to_send = delivery.id == work.delivery_id, delivery.replays == work.replays
        found = select(delivery.state, delivery.message_id, endpoint.url, endpoint.state.label("endpoint_state"))
        row = conn.execute(found.select_from(joined).where(*to_send)).first()
        if row is None or row.state not in ("pending", "failed"):
            return None
        said = conn.execute(select(message).where(message.c.id == row.message_id)).one()
        secrets = alive(conn, work.endpoint_id, self._clock.now())
        return _Task(row.url, row.endpoint_state, said, secrets)


def _tell(work: DeliverWebhook, type: str, answer: Answer) -> None:
    error = answer.error
    NotificationAttempted(
        channel="webhook",
        delivery_id=work.delivery_id,
        result="unknown" if answer.result == "unanswered" else "refused" if error else "sent",
        ms=answer.ms,
        type=type,
        status=answer.status,
        code=error.code if error else None,
        error=answer.why,
    ).write(log.warning if error else log.info)


class SendHandler:
    """Queues the deliveries of one endpoint that are meant, a batch at a time."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    async def __call__(self, work: SendDeliveries) -> Effect:
        return lambda tx: self._queue_some(tx, work)

    def _queue_some(self, tx: Tx, work: SendDeliveries) -> None:
        endpoint = lock(tx, work.endpoint_id)
        if endpoint is None or endpoint.state != "enabled":
            return
        rows = tx.execute(meant(work).limit(BATCH)).all()
        for row in rows:
            send_again(tx, self._queue, row)
        if len(rows) == BATCH:
            self._queue.add(tx, work.model_copy(update={"after": rows[-1].id}))


def send_again(tx: Tx, queue: Queue, row: Row[Any]) -> None:
    """Queue one delivery. One that is still pending goes at once; any other begins anew, as a replay."""
    before = DeliverWebhook(delivery_id=row.id, endpoint_id=row.endpoint_id, replays=row.replays)
    if row.state == "pending" and not row.attempts:
        queue.add(tx, before)  # if its job is open already, that is the one
        return
    values = {"state": "pending", "settled_at": None, "replays": row.replays + 1}
    tx.execute(update(outgoing_deliveries).where(outgoing_deliveries.c.id == row.id).values(**values))
    queue.put_aside(tx, before, REPLAYED)
    queue.add(tx, before.model_copy(update={"replays": row.replays + 1}))


def meant(work: SendDeliveries) -> Any:
    """The deliveries that *work* is about, the oldest first. Tests are not among them: each was for its moment."""
    table, message = outgoing_deliveries.c, outgoing_messages.c
    a_test = exists().where(message.id == table.message_id, message.type == TEST)
    which = [~a_test, table.endpoint_id == work.endpoint_id, table.state.in_(work.states), table.id > work.after]
    if work.since is not None:
        which.append(table.created_at >= work.since)
    if work.until is not None:
        which.append(table.created_at < work.until)
    if work.up_to is not None:
        which.append(table.id <= work.up_to)
    return select(outgoing_deliveries).where(*which).order_by(table.id)

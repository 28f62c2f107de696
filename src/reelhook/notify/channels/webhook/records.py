"""Writing down how attempts went, and what follows for the delivery and its endpoint.

An endpoint's row is always locked before those of its deliveries and of their jobs, as replays and its deletion do:
nobody waits in a circle.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import Row, insert, select, update

from reelhook import logs, metrics
from reelhook.auth import Audit
from reelhook.db import Tx
from reelhook.db.tables import outgoing_attempts, outgoing_deliveries, subscription_endpoints
from reelhook.jobs import Queue
from reelhook.jobs.kinds import DeliverWebhook
from reelhook.kit.clock import Clock
from reelhook.notify.channels.webhook.sender import Answer

GIVE_UP_AFTER = timedelta(days=5)  # of nothing but failures
IT_IS_GONE = "it answered 410: it wants no more messages"
ACTOR = "reelhook"

log = logs.get("notify")
deliveries, endpoints = outgoing_deliveries.c, subscription_endpoints.c


class Records:
    """Writes in the caller's transaction."""

    def __init__(self, clock: Clock, queue: Queue, audit: Audit) -> None:
        self._clock, self._queue, self._audit = clock, queue, audit

    def settle(self, tx: Tx, work: DeliverWebhook, answer: Answer) -> None:
        """Write down an attempt. A delivery stays pending after one that failed, until its job is dead.

        An endpoint that says it is gone, or that has failed for days, is disabled.
        """
        endpoint = lock(tx, work.endpoint_id)
        if endpoint is None or not self._note(tx, work, answer):
            return
        failing_since = None if answer.error is None else endpoint.failing_since or answer.at
        shown = {"last_attempt_at": answer.at, "last_status": answer.status, "last_error": answer.why}
        mine = endpoints.id == work.endpoint_id
        tx.execute(update(subscription_endpoints).where(mine).values(failing_since=failing_since, **shown))
        tx.after_commit(metrics.OUTGOING.labels(answer.result).inc)
        if endpoint.state == "disabled":
            return
        if answer.gone:
            self.disable(tx, endpoint, IT_IS_GONE)
        elif failing_since is not None and answer.at - failing_since >= GIVE_UP_AFTER:
            self.disable(
                tx, endpoint, f"every attempt failed for {GIVE_UP_AFTER.days} days; the last one: {answer.why}"
            )

    def disable(self, tx: Tx, endpoint: Row[Any], reason: str) -> None:
        """Send no more to it: not what is waiting, and not what comes."""
        mine = endpoints.id == endpoint.id
        tx.execute(update(subscription_endpoints).where(mine).values(state="disabled", reason=reason))
        waiting = deliveries.endpoint_id == endpoint.id, deliveries.state == "pending"
        discarded = update(outgoing_deliveries).where(*waiting)
        tx.execute(discarded.values(state="discarded", settled_at=self._clock.now()))
        self._audit.record(tx, ACTOR, "subscription_endpoint.disable", endpoint.id, None, reason=reason)
        tx.after_commit(lambda: log.warning("endpoint.disabled", endpoint=endpoint.id, reason=reason))

    def park(self, tx: Tx, work: DeliverWebhook) -> None:
        """Leave a delivery to a paused endpoint pending; whoever lets the endpoint go on queues it again.

        Without a lock: whoever does so later waits for the job, which ends in this transaction, and then adds another.
        """
        state = tx.execute(select(endpoints.state).where(endpoints.id == work.endpoint_id)).scalar()
        if state == "enabled":  # since we looked
            self._queue.add(tx, work)

    def fail(self, tx: Tx, work: DeliverWebhook, why: str) -> None:
        """All attempts are used, or another cannot help."""
        failed = {"state": "failed", "last_error": why, "settled_at": self._clock.now()}
        tx.execute(update(outgoing_deliveries).where(*_still(work)).values(**failed))

    def _note(self, tx: Tx, work: DeliverWebhook, answer: Answer) -> bool:
        """Add an attempt to the delivery's story. False when the delivery is not there any more."""
        ended = answer.error is None or answer.gone
        state = {"state": "delivered" if answer.error is None else "failed", "settled_at": answer.at} if ended else {}
        counted = {
            "attempts": deliveries.attempts + 1,
            "last_status": answer.status,
            "last_error": answer.why,
            **state,
        }
        if tx.execute(update(outgoing_deliveries).where(*_still(work)).values(**counted)).rowcount == 0:
            return False
        tx.execute(insert(outgoing_attempts), attempt(work.delivery_id, answer))
        return True


def lock(tx: Tx, endpoint_id: str) -> Row[Any] | None:
    """The endpoint, which nobody else changes before this transaction ends."""
    found = select(subscription_endpoints).where(endpoints.id == endpoint_id)
    return tx.execute(found.with_for_update(key_share=True)).first()


def attempt(delivery_id: str, answer: Answer) -> dict[str, Any]:
    """The row of an attempt."""
    return {
        "delivery_id": delivery_id,
        "at": answer.at,
        "ms": answer.ms,
        "status": answer.status,
        "error": answer.why,
        "headers": dict(answer.headers or {}),
        "body": answer.body,
        "cut": answer.cut,
    }


def _still(work: DeliverWebhook) -> tuple[Any, ...]:
    """Only as long as no replay began the delivery anew."""
    return deliveries.id == work.delivery_id, deliveries.replays == work.replays

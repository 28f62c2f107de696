"""Endpoints and deliveries as the API shows them."""

from typing import Any

from sqlalchemy import Connection, Row, func, or_, select

from reelhook.db.rows import row_of
from reelhook.db.tables import (
    jobs,
    outgoing_attempts,
    outgoing_deliveries,
    outgoing_messages,
    subscription_endpoints,
    subscription_secrets,
)
from reelhook.errors import NotFound
from reelhook.jobs.kinds import DeliverWebhook
from reelhook.kit.pages import Page
from reelhook.kit.times import rfc3339
from reelhook.notify.channels.webhook.types import TEST

Json = dict[str, Any]
SETTLED = ("done", "dead")

deliveries, messages, endpoints = outgoing_deliveries.c, outgoing_messages.c, subscription_endpoints.c


def find(conn: Connection, endpoint_id: str) -> Row[Any]:
    """The row of an endpoint. Raises *NotFound*."""
    return row_of(conn, subscription_endpoints, endpoint_id, "subscription endpoint")


def endpoint(conn: Connection, endpoint_id: str) -> Json:
    """One endpoint. Raises *NotFound*."""
    return _endpoints(conn, [find(conn, endpoint_id)])[0]


def listing(conn: Connection, page: Page) -> Json:
    """Endpoints, newest first."""
    rows = conn.execute(page.select(select(subscription_endpoints), endpoints.id)).all()
    shown = _endpoints(conn, list(rows))
    return page.listing(shown, lambda one: str(one["id"])).model_dump()


def deliveries_of(conn: Connection, endpoint_id: str, page: Page, state: str | None, type: str | None) -> Json:
    """What was, or is to be, sent to one endpoint, newest first."""
    find(conn, endpoint_id)
    which = [deliveries.endpoint_id == endpoint_id]
    if state is not None:
        which.append(deliveries.state == state)
    if type is not None:
        which.append(messages.type == type)
    rows = conn.execute(page.select(_DELIVERIES.where(*which), deliveries.id)).all()
    return page.listing([_delivery(row) for row in rows], lambda one: str(one["id"])).model_dump()


def find_delivery(conn: Connection, endpoint_id: str, delivery_id: str) -> Row[Any]:
    """The row of a delivery, with its message. Raises *NotFound*."""
    mine = deliveries.id == delivery_id, deliveries.endpoint_id == endpoint_id
    row = conn.execute(_DELIVERIES.where(*mine)).first()
    if row is None:
        raise NotFound(f"there is no delivery {delivery_id} to the endpoint {endpoint_id}")
    return row


def delivery(conn: Connection, endpoint_id: str, delivery_id: str) -> Json:
    """One delivery: what is sent, every attempt with its answer, and when the next one is due."""
    row = find_delivery(conn, endpoint_id, delivery_id)
    payload = conn.execute(select(messages.payload).where(messages.id == row.message_id)).scalar_one()
    tried = select(outgoing_attempts).where(outgoing_attempts.c.delivery_id == delivery_id)
    attempts = conn.execute(tried.order_by(outgoing_attempts.c.id)).all()
    return _delivery(row) | {
        "payload": payload.decode(),
        "next_attempt_at": _next_attempt(conn, row),
        "attempts_made": [_attempt(one) for one in attempts],
    }


_DELIVERIES = select(outgoing_deliveries, messages.type, messages.video_id).join(outgoing_messages)


def _endpoints(conn: Connection, rows: list[Row[Any]]) -> list[Json]:
    ids = [row.id for row in rows]
    open_ = {(row.endpoint_id, row.state): row.number for row in conn.execute(_counted(ids))}
    kept = select(subscription_secrets).where(subscription_secrets.c.endpoint_id.in_(ids))
    secrets = conn.execute(kept.order_by(subscription_secrets.c.id.desc())).all()
    return [
        {
            "id": row.id,
            "url": row.url,
            "description": row.description,
            "types": row.types,
            "subject": row.subject,
            "state": row.state,
            "reason": row.reason,
            "created_at": rfc3339(row.created_at),
            "created_by": row.created_by,
            "failing_since": _time(row.failing_since),
            "last_attempt": _last_attempt(row),
            "pending": open_.get((row.id, "pending"), 0),
            "failed": open_.get((row.id, "failed"), 0),
            "secrets": [_secret(one) for one in secrets if one.endpoint_id == row.id],
        }
        for row in rows
    ]


def _counted(ids: list[str]) -> Any:
    # Each state by itself, as the index has them: what was delivered may be millions.
    either = or_(deliveries.state == "pending", deliveries.state == "failed")
    counted = select(deliveries.endpoint_id, deliveries.state, func.count().label("number")).join(outgoing_messages)
    mine = deliveries.endpoint_id.in_(ids), either, messages.type != TEST
    return counted.where(*mine).group_by(deliveries.endpoint_id, deliveries.state)


def _last_attempt(row: Row[Any]) -> Json | None:
    if row.last_attempt_at is None:
        return None
    return {"at": rfc3339(row.last_attempt_at), "status": row.last_status, "error": row.last_error}


def _secret(row: Row[Any]) -> Json:
    return {"created_at": rfc3339(row.created_at), "expires_at": _time(row.expires_at)}


def _delivery(row: Row[Any]) -> Json:
    return {
        "id": row.id,
        "message_id": row.message_id,
        "type": row.type,
        "video_id": row.video_id,
        "state": row.state,
        "attempts": row.attempts,
        "last_status": row.last_status,
        "last_error": row.last_error,
        "created_at": rfc3339(row.created_at),
        "settled_at": _time(row.settled_at),
    }


def _attempt(row: Row[Any]) -> Json:
    return {
        "at": rfc3339(row.at),
        "ms": row.ms,
        "status": row.status,
        "error": row.error,
        "headers": row.headers,
        "body": row.body.decode("utf-8", "replace"),
        "cut": row.cut,
    }


def _next_attempt(conn: Connection, row: Row[Any]) -> str | None:
    """When its job runs, if one is open."""
    work = DeliverWebhook(delivery_id=row.id, endpoint_id=row.endpoint_id, replays=row.replays)
    # In the words of the index of open jobs.
    waits = jobs.c.state.in_(("available", "retryable", "running"))
    return _time(conn.execute(select(jobs.c.run_at).where(jobs.c.unique_key == work.unique_key, waits)).scalar())


def _time(moment: Any) -> str | None:
    return None if moment is None else rfc3339(moment)

"""Committing a batch of arrivals: events, the keys that recognise repeats, the attempts, and the work, all or none.

A batch gives exactly what the same arrivals would have given one by one: the fold below is that rule.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select, update

from reelhook.db import Tx
from reelhook.db.bulk import Bulk
from reelhook.db.tables import delivery_attempts, event_keys, events
from reelhook.db.types import microseconds
from reelhook.inbox.arrival import Arrival, Receipt, stored_headers
from reelhook.jobs import Queue
from reelhook.jobs.kinds import ApplyEvents
from reelhook.kit.ids import Ids
from reelhook.kit.text import storable

# Postgres refuses an index row of more than 2,704 bytes: type and resource id share one. A longer id is nobody's.
LONGEST_INDEXED = 1000

KEYS = Bulk(event_keys.c.key, event_keys.c.event_id, event_keys.c.created_at, or_ignore=True)
EVENTS = Bulk(
    events.c.id,
    events.c.source,
    events.c.endpoint,
    events.c.type,
    events.c.resource_id,
    events.c.heygen_event_id,
    events.c.video_id,
    events.c.state,
    events.c.body,
    events.c.headers,
    events.c.received_at,
    events.c.trace,
)
ATTEMPTS = Bulk(
    delivery_attempts.c.event_id,
    delivery_attempts.c.at,
    delivery_attempts.c.remote,
    delivery_attempts.c.signature_header,
    delivery_attempts.c.duplicate,
)


def commit(tx: Tx, arrivals: Sequence[Arrival], ids: Ids, queue: Queue) -> list[Receipt]:
    """Store *arrivals* and return their receipts in the same order. One apply job serves the whole batch."""
    candidates = [ids.new() for _ in arrivals]
    event_ids = _claim_keys(tx, arrivals, candidates)
    receipts = [Receipt(event_id, event_id != own) for event_id, own in zip(event_ids, candidates, strict=True)]
    pairs = list(zip(arrivals, receipts, strict=True))
    fresh = [_event_row(arrival, receipt.event_id) for arrival, receipt in pairs if not receipt.duplicate]
    if fresh:
        EVENTS.insert(tx, fresh)
        queue.add(tx, ApplyEvents(event_ids=tuple(row[0] for row in fresh)))
    ATTEMPTS.insert(tx, [_attempt_row(arrival, receipt) for arrival, receipt in pairs])
    _count_repeats(tx, receipts)
    return receipts


def fold(
    arrivals: Sequence[Arrival], candidates: Sequence[str], known: Mapping[str, str]
) -> tuple[list[str], dict[str, str]]:
    """Which event each arrival is, and where each key leads, given where the keys that are *known* lead.

    The first key that is known decides; a new key beside it leads to the same event from then on. An arrival without
    a known key is a new event, under its own candidate id.
    """
    leads = dict(known)
    event_ids = []
    for arrival, candidate in zip(arrivals, candidates, strict=True):
        event_id = next((leads[key] for key in arrival.keys if key in leads), candidate)
        for key in arrival.keys:
            leads.setdefault(key, event_id)
        event_ids.append(event_id)
    return event_ids, leads


def _claim_keys(tx: Tx, arrivals: Sequence[Arrival], candidates: Sequence[str]) -> list[str]:
    """Insert the keys that are new and return the event that each arrival is.

    Sorted by key: two writers that insert the same keys in different orders would wait for each other for ever.
    """
    came = {key: arrival.received_at for arrival in arrivals for key in arrival.keys}
    event_ids, hoped = fold(arrivals, candidates, {})
    rows = [(key, hoped[key], microseconds(came[key])) for key in sorted(came)]
    if KEYS.insert(tx, rows) == len(rows):
        return event_ids
    # Those that were there before lead to other events; they are visible here, in the same transaction.
    found = tx.execute(select(event_keys.c.key, event_keys.c.event_id).where(event_keys.c.key.in_(list(came))))
    known = {row.key: row.event_id for row in found if row.event_id != hoped[row.key]}
    event_ids, leads = fold(arrivals, candidates, known)
    _repoint(tx, {key: leads[key] for key in sorted(came.keys() - known.keys()) if leads[key] != hoped[key]})
    return event_ids


def _repoint(tx: Tx, leads: Mapping[str, str]) -> None:
    """Let keys that came in beside a known one lead to its event."""
    if leads:
        by_key = update(event_keys).where(event_keys.c.key == bindparam("moved"))
        tx.execute(by_key.values(event_id=bindparam("to")), [{"moved": key, "to": to} for key, to in leads.items()])


def _count_repeats(tx: Tx, receipts: Sequence[Receipt]) -> None:
    repeats = sorted(receipt.event_id for receipt in receipts if receipt.duplicate)
    if repeats:
        by_id = update(events).where(events.c.id == bindparam("repeated"))
        tx.execute(by_id.values(duplicates=events.c.duplicates + 1), [{"repeated": event_id} for event_id in repeats])


def _event_row(arrival: Arrival, event_id: str) -> tuple[Any, ...]:
    """In the order of EVENTS."""
    return (
        event_id,
        arrival.source,
        arrival.endpoint,
        _indexed(arrival.type),
        None if arrival.resource_id is None else _indexed(arrival.resource_id),
        None if arrival.event_id is None else storable(arrival.event_id),
        arrival.video_id,
        "pending",
        arrival.body,
        stored_headers(arrival.headers),
        microseconds(arrival.received_at),
        arrival.trace,
    )


def _attempt_row(arrival: Arrival, receipt: Receipt) -> tuple[Any, ...]:
    """In the order of ATTEMPTS."""
    at = microseconds(arrival.received_at)
    return (receipt.event_id, at, arrival.remote, arrival.signature_header, receipt.duplicate)


def _indexed(text: str) -> str:
    return storable(text).encode()[:LONGEST_INDEXED].decode("utf-8", "ignore")

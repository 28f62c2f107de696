"""Committing a batch of arrivals: events, the keys that recognise repeats, the attempts, and the work, all or none.

A batch gives exactly what the same arrivals would have given one by one: the fold below is that rule.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from reelhook.db import Tx
from reelhook.db.insert import insert_or_ignore
from reelhook.db.tables import delivery_attempts, event_keys, events
from reelhook.inbox.arrival import Arrival, Receipt, stored_headers
from reelhook.jobs import Queue
from reelhook.jobs.kinds import ApplyEvents
from reelhook.kit.ids import Ids
from reelhook.kit.text import storable

# Postgres refuses an index row of more than 2,704 bytes: type and resource id share one. A longer id is nobody's.
LONGEST_INDEXED = 1000


def commit(tx: Tx, arrivals: Sequence[Arrival], ids: Ids, queue: Queue) -> list[Receipt]:
    """Store *arrivals* and return their receipts in the same order. One apply job serves the whole batch."""
    candidates = [ids.new() for _ in arrivals]
    event_ids = _claim_keys(tx, arrivals, candidates)
    receipts = [Receipt(event_id, event_id != own) for event_id, own in zip(event_ids, candidates, strict=True)]
    pairs = list(zip(arrivals, receipts, strict=True))
    fresh = [_event_row(arrival, receipt.event_id) for arrival, receipt in pairs if not receipt.duplicate]
    if fresh:
        tx.execute(insert(events), fresh)
        queue.add(tx, ApplyEvents(event_ids=tuple(row["id"] for row in fresh)))
    tx.execute(insert(delivery_attempts), [_attempt_row(arrival, receipt) for arrival, receipt in pairs])
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
    rows = [{"key": key, "event_id": hoped[key], "created_at": came[key]} for key in sorted(came)]
    inserted = {row.key for row in insert_or_ignore(tx, event_keys, rows, returning=[event_keys.c.key])}
    existed = [key for key in came if key not in inserted]
    if not existed:
        return event_ids
    # RETURNING is silent about rows that existed before; they are visible here, in the same transaction.
    found = tx.execute(select(event_keys.c.key, event_keys.c.event_id).where(event_keys.c.key.in_(existed)))
    event_ids, leads = fold(arrivals, candidates, {row.key: row.event_id for row in found})
    _repoint(tx, {key: leads[key] for key in sorted(inserted) if leads[key] != hoped[key]})
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


def _event_row(arrival: Arrival, event_id: str) -> dict[str, Any]:
    return {
        "id": event_id,
        "source": arrival.source,
        "endpoint": arrival.endpoint,
        "type": _indexed(arrival.type),
        "resource_id": None if arrival.resource_id is None else _indexed(arrival.resource_id),
        "heygen_event_id": None if arrival.event_id is None else storable(arrival.event_id),
        "video_id": arrival.video_id,
        "state": "pending",
        "body": arrival.body,
        "headers": stored_headers(arrival.headers),
        "received_at": arrival.received_at,
        "trace": arrival.trace,
    }


def _attempt_row(arrival: Arrival, receipt: Receipt) -> dict[str, Any]:
    return {
        "event_id": receipt.event_id,
        "at": arrival.received_at,
        "remote": arrival.remote,
        "signature_header": arrival.signature_header,
        "duplicate": receipt.duplicate,
    }


def _indexed(text: str) -> str:
    return storable(text).encode()[:LONGEST_INDEXED].decode("utf-8", "ignore")

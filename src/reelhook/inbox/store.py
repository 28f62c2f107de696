"""Committing a batch of arrivals: events, the keys that recognise repeats, the attempts, and the work, all or none."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from reelhook.db import Tx
from reelhook.db.insert import insert_or_ignore
from reelhook.db.tables import delivery_attempts, event_keys, events
from reelhook.inbox.arrival import Arrival, Receipt, stored_headers
from reelhook.jobs import Queue
from reelhook.jobs.kinds import ApplyEvents
from reelhook.kit.ids import Ids
from reelhook.kit.text import storable


def commit(tx: Tx, arrivals: Sequence[Arrival], ids: Ids, queue: Queue) -> list[Receipt]:
    """Store *arrivals* and return their receipts in the same order. One apply job serves the whole batch."""
    proposed = _fold(arrivals, ids)
    earlier = _claim_keys(tx, arrivals, proposed)
    receipts, fresh = _judge(proposed, earlier)
    if fresh:
        tx.execute(insert(events), [_event_row(event_id, arrivals[at]) for event_id, at in fresh.items()])
        queue.add(tx, ApplyEvents(event_ids=tuple(sorted(fresh))))
    pairs = zip(arrivals, receipts, strict=True)
    tx.execute(insert(delivery_attempts), [_attempt_row(arrival, receipt) for arrival, receipt in pairs])
    _count_repeats(tx, receipts)
    return receipts


def _fold(arrivals: Sequence[Arrival], ids: Ids) -> list[str]:
    """An event id for each arrival; arrivals of one batch that share a key share the id."""
    by_key: dict[str, str] = {}
    proposed = []
    for arrival in arrivals:
        event_id = next((by_key[key] for key in arrival.keys if key in by_key), None) or ids.new()
        by_key.update(dict.fromkeys(arrival.keys, event_id))
        proposed.append(event_id)
    return proposed


def _claim_keys(tx: Tx, arrivals: Sequence[Arrival], proposed: Sequence[str]) -> dict[str, str]:
    """Insert the keys that are new; returns, for each proposed id that is a repeat, the event it repeats.

    One known key is enough to be a repeat; its other keys then lead to that event too. Sorted by key: two writers that
    insert the same keys in different orders would wait for each other for ever.
    """
    rows: dict[str, dict[str, Any]] = {}
    for arrival, event_id in zip(arrivals, proposed, strict=True):
        for key in arrival.keys:
            rows.setdefault(key, {"key": key, "event_id": event_id, "created_at": arrival.received_at})
    ordered = [rows[key] for key in sorted(rows)]
    inserted = {row.key for row in insert_or_ignore(tx, event_keys, ordered, returning=[event_keys.c.key])}
    owner = {key: row["event_id"] for key, row in rows.items()}
    # RETURNING is silent about rows that existed before; they are visible here, in the same transaction.
    existed = [key for key in owner if key not in inserted]
    if existed:
        found = tx.execute(select(event_keys.c.key, event_keys.c.event_id).where(event_keys.c.key.in_(existed)))
        owner.update({row.key: row.event_id for row in found})
    earlier = _earlier(arrivals, proposed, owner)
    moved = [{"moved": key, "to": earlier[owner[key]]} for key in sorted(inserted) if owner[key] in earlier]
    if moved:
        by_key = update(event_keys).where(event_keys.c.key == bindparam("moved"))
        tx.execute(by_key.values(event_id=bindparam("to")), moved)
    return earlier


def _earlier(arrivals: Sequence[Arrival], proposed: Sequence[str], owner: dict[str, str]) -> dict[str, str]:
    direct: dict[str, str] = {}
    for arrival, event_id in zip(arrivals, proposed, strict=True):
        for key in arrival.keys:
            if owner[key] != event_id:
                direct.setdefault(event_id, owner[key])
    return {event_id: _last(direct, event_id) for event_id in direct}


def _last(links: dict[str, str], start: str) -> str:
    while start in links:
        start = links[start]
    return start


def _judge(proposed: Sequence[str], earlier: dict[str, str]) -> tuple[list[Receipt], dict[str, int]]:
    """The receipts, and for each event seen for the first time the position of its arrival."""
    receipts: list[Receipt] = []
    fresh: dict[str, int] = {}
    for at, event_id in enumerate(proposed):
        duplicate = event_id in earlier or event_id in fresh
        if not duplicate:
            fresh[event_id] = at
        receipts.append(Receipt(earlier.get(event_id, event_id), duplicate))
    return receipts, fresh


def _count_repeats(tx: Tx, receipts: Sequence[Receipt]) -> None:
    repeats = sorted(receipt.event_id for receipt in receipts if receipt.duplicate)
    if repeats:
        by_id = update(events).where(events.c.id == bindparam("repeated"))
        tx.execute(by_id.values(duplicates=events.c.duplicates + 1), [{"repeated": event_id} for event_id in repeats])


def _event_row(event_id: str, arrival: Arrival) -> dict[str, Any]:
    return {
        "id": event_id,
        "source": arrival.source,
        "endpoint": arrival.endpoint,
        "type": storable(arrival.type),
        "resource_id": _text(arrival.resource_id),
        "heygen_event_id": _text(arrival.event_id),
        "video_id": arrival.video_id,
        "state": "pending",
        "body": arrival.body,
        "headers": stored_headers(arrival.headers),
        "received_at": arrival.received_at,
    }


def _attempt_row(arrival: Arrival, receipt: Receipt) -> dict[str, Any]:
    return {
        "event_id": receipt.event_id,
        "at": arrival.received_at,
        "remote": arrival.remote,
        "signature_header": arrival.signature_header,
        "duplicate": receipt.duplicate,
    }


def _text(value: str | None) -> str | None:
    return None if value is None else storable(value)


def forget_keys(tx: Tx, before: datetime) -> int:
    """Forget the keys that recognise repeats of what came before then; how many."""
    return tx.execute(delete(event_keys).where(event_keys.c.created_at < before)).rowcount

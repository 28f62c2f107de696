"""Whatever comes, however often, in whatever batches: one event for each thing HeyGen told, and true receipts."""

from collections.abc import Iterator, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from reelhook.db import Database
from reelhook.db.tables import delivery_attempts, event_keys, events, jobs
from reelhook.inbox import Arrival, Receipt, store
from reelhook.jobs import Queue
from reelhook.kit.ids import Ids
from tests.conftest import StillClock, counting_bytes, examples

from .conftest import arrival

# HeyGen's event number n has the body n; it is known by id alone, by body alone, or by both, as HeyGen pleases.
copies = st.tuples(st.integers(0, 5), st.sampled_from(["both", "body"]))
batches = st.lists(st.lists(copies, min_size=1, max_size=12), min_size=1, max_size=6)
# Any body with any id: what a careless or hostile sender could make of it.
wild = st.lists(
    st.lists(st.tuples(st.integers(0, 3), st.none() | st.integers(0, 3)), min_size=1, max_size=8), max_size=5
)


def run(db: Database, came: Sequence[Sequence[Arrival]]) -> list[list[Receipt]]:
    ids = Ids(StillClock(), counting_bytes())
    queue = Queue(StillClock(), ids)
    for table in (events, event_keys, delivery_attempts, jobs):
        db.write_now(lambda tx, table=table: tx.execute(delete(table)))
    return [db.write_now(lambda tx, batch=batch: store.commit(tx, batch, ids, queue)) for batch in came]


@given(batches)
@settings(max_examples=examples(60), deadline=None)
def test_one_event_for_each_and_every_receipt_names_it(own: Database, came: list[list[tuple[int, str]]]) -> None:
    arrivals = [
        [arrival(b"%d" % number, event_id=f"e{number}" if known_by == "both" else None) for number, known_by in batch]
        for batch in came
    ]
    receipts = run(own, arrivals)
    stored = {row.id: int(row.body) for row in own.write_now(lambda tx: tx.execute(select(events)).fetchall())}
    sent = [number for batch in came for number, _ in batch]
    told = [receipt for batch in receipts for receipt in batch]
    assert sorted(stored.values()) == sorted(set(sent))
    assert [stored[receipt.event_id] for receipt in told] == sent
    assert sum(not receipt.duplicate for receipt in told) == len(stored)
    worked = [
        event_id
        for job in own.write_now(lambda tx: tx.execute(select(jobs)).fetchall())
        for event_id in job.payload["event_ids"]
    ]
    assert sorted(worked) == sorted(stored)
    counted = own.write_now(lambda tx: tx.execute(select(func.sum(events.c.duplicates))).scalar())
    assert counted == len(sent) - len(stored)


@given(wild)
@settings(max_examples=examples(100), deadline=None)
def test_a_batch_gives_what_its_arrivals_would_give_one_by_one(
    own: Database, came: list[list[tuple[int, int | None]]]
) -> None:
    arrivals = [
        [arrival(b"%d" % body, event_id=None if number is None else f"e{number}") for body, number in batch]
        for batch in came
    ]
    alone = run(own, [[one] for batch in arrivals for one in batch])
    together = run(own, arrivals)
    assert _shape(receipt for batch in together for receipt in batch) == _shape(batch[0] for batch in alone)


def _shape(receipts: Iterator[Receipt]) -> list[tuple[int, bool]]:
    """Receipts with their events numbered by first appearance."""
    numbers: dict[str, int] = {}
    return [(numbers.setdefault(one.event_id, len(numbers)), one.duplicate) for one in receipts]

"""Deliveries that are committed and applied together stay each in its own trace."""

import asyncio

from reelhook import tracing
from reelhook.db.tables import events, jobs, stream
from reelhook.inbox import Inbox
from reelhook.inbox.handler import ApplyHandler
from reelhook.jobs.kinds import ApplyEvents
from tests.collecting import told_here
from tests.conftest import eventually

from .conftest import Gate, Rows, arrival
from .test_applying import handler, lifecycle, signals, told

__all__ = ["handler", "lifecycle", "signals"]


async def test_events_of_one_batch_go_on_in_the_traces_of_their_deliveries(
    inbox: Inbox, gate: Gate, handler: ApplyHandler, rows: Rows
) -> None:
    async def deliver(name: str) -> None:
        with tracing.span("delivery", about={"event_type": name}):
            await inbox.accept(arrival(told(video=name)))

    with told_here() as heard:
        first = asyncio.create_task(deliver("a"))
        await eventually(lambda: gate.sizes == [1])
        later = [asyncio.create_task(deliver(name)) for name in "bc"]
        await asyncio.sleep(0)
        gate.open()
        await asyncio.gather(first, *later)
        batch = (await rows.of(jobs))[1]
        with tracing.span("job"):
            await handler(ApplyEvents.model_validate(batch.payload))

    assert batch.trace is None, "it is nobody's in particular, and not that of whoever began to commit"
    deliveries = {one.attributes["reelhook.event_type"]: one for one in heard.named("delivery")}
    applied = {one.parent: one for one in heard.named("apply event")}
    assert set(applied) == {deliveries["b"].id, deliveries["c"].id}
    (job,) = heard.named("job")
    assert set(job.links) == {one.id for one in applied.values()}
    assert {one.links[0] for one in applied.values()} == {job.id}
    for name, event in zip("abc", await rows.of(events), strict=True):
        assert event.trace == f"00-{deliveries[name].trace}-{deliveries[name].id}-01"
    wanted = [(row.trace or "").split("-") for row in (*(await rows.of(jobs))[2:], *(await rows.of(stream)))]
    assert {(trace, span) for _, trace, span, _ in wanted} == {(one.trace, one.id) for one in applied.values()}


async def test_untraced_events_and_their_work_carry_nothing(inbox: Inbox, handler: ApplyHandler, rows: Rows) -> None:
    receipt = await inbox.accept(arrival(told()))
    await handler(ApplyEvents(event_ids=(receipt.event_id,)))
    assert {row.trace for table in (events, jobs, stream) for row in await rows.of(table)} == {None}

"""A job goes on in the trace of what queued it, with every attempt."""

from reelhook import tracing
from reelhook.errors import Unavailable
from reelhook.jobs import Effect
from reelhook.jobs.kinds import DeleteStored
from tests.collecting import told_here
from tests.jobs.scene import Scene, rows, work


async def test_attempts_are_spans_below_what_queued_the_job_and_pass_it_on(scene: Scene) -> None:
    async def twice(given: DeleteStored) -> Effect | None:
        if given.location == "next":
            return None
        if given.location not in tried:
            tried.add(given.location)
            raise Unavailable("not yet")
        return lambda tx: scene.queue.add(tx, work("next"))

    tried: set[str] = set()
    with told_here() as heard:
        with tracing.span("request"):
            await scene.add("a")
        async with scene.running(scene.worker(twice)):
            await scene.until("a", "retryable")
            scene.clock.move(5)
            await scene.until("next", "done")

    (request,) = heard.named("request")
    first, second, following = heard.named("job delete_stored")
    assert (await rows(scene.db))["a"].trace == f"00-{request.trace}-{request.id}-01"
    assert {one.trace for one in heard.spans} == {request.trace}
    assert (first.parent, second.parent, following.parent) == (request.id, request.id, second.id)
    assert (first.failed, first.attributes["reelhook.outcome"]) == ("unavailable", "retryable")
    assert (second.failed, second.attributes["reelhook.outcome"]) == (None, "done")
    assert [one.attributes["reelhook.attempt"] for one in (first, second)] == [1, 2]

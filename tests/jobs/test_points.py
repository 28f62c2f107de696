"""The named moments of an attempt: where the kill test lets the process die."""

from reelhook.jobs import Effect
from reelhook.jobs.kinds import DeleteStored
from tests.jobs.scene import Scene, mark, states

HERE = "job.delete_stored"


async def test_an_attempt_passes_claimed_before_its_handler_and_done_before_it_is_settled(scene: Scene) -> None:
    story: list[str] = []

    async def run(work: DeleteStored) -> Effect | None:
        story.append("handler")
        effect = mark(work.location)

        def told(tx):  # type: ignore[no-untyped-def]
            story.append("settled")
            return effect(tx)

        return told

    await scene.add("a")
    async with scene.running(scene.worker(run, at=story.append)):
        await scene.until("a", "done")
    assert story == [f"{HERE}.claimed", "handler", f"{HERE}.done", "settled"]


async def test_an_attempt_that_fails_is_never_done(scene: Scene) -> None:
    story: list[str] = []

    async def run(work: DeleteStored) -> Effect | None:
        raise ValueError("no")

    await scene.add("a")
    async with scene.running(scene.worker(run, at=story.append)):
        await scene.until("a", "retryable")
    assert story == [f"{HERE}.claimed"]
    assert (await states(scene.db))["a"] == "retryable"

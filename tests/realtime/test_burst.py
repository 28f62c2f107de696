"""P5: whoever reconnects with Last-Event-ID misses nothing and sees nothing twice, also in the middle of a burst."""

import asyncio

from reelhook.realtime import hub as hub_room
from tests.conftest import eventually
from tests.servers import database_url, postgres

from .browser import ids, watching
from .conftest import Scene

__all__ = ["database_url", "postgres"]  # both databases

BURST = 2000


async def burst(scene: Scene) -> None:
    """Updates from several writers at once, in transactions of many sizes."""
    sizes = [1, 7, 40, 3, 149] * 10

    async def writer(mine: list[int]) -> None:
        for many in mine:
            await scene.write(many, size=200)

    await asyncio.gather(*(writer(sizes[start::4]) for start in range(4)))


async def test_reconnecting_twice_in_a_burst_gives_every_id_once_and_in_order(port: int, scene: Scene) -> None:
    got: list[int] = []
    writing = asyncio.create_task(burst(scene))
    for many in (300, 700):
        async with watching(port, last_event_id=got[-1] if got else 0) as browser:
            got += ids(await browser.frames(many))
        await asyncio.sleep(0)
    async with watching(port, last_event_id=got[-1]) as browser:
        got += ids(await browser.frames(BURST - 1000))
    await writing
    assert got == list(range(1, BURST + 1))


async def test_a_burst_cuts_nobody_who_reads_and_everybody_gets_all_of_it(port: int, scene: Scene) -> None:
    async with watching(port) as one, watching(port) as two, watching(port, last_event_id=0) as three:
        _, *all_of_them = await asyncio.gather(burst(scene), *(browser.frames(BURST) for browser in (one, two, three)))
    assert [list(ids(frames)) for frames in all_of_them] == [list(range(1, BURST + 1))] * 3


async def test_who_falls_further_behind_than_memory_reaches_is_served_from_the_log(port: int, scene: Scene) -> None:
    async with watching(port) as browser:
        await scene.write(5000, size=500)
        await eventually(lambda: scene.hub.cursor == 5000)
        assert list(ids(await browser.frames(5000))) == list(range(1, 5001))


async def test_the_loop_breathes_while_it_hands_out_a_burst(scene: Scene) -> None:
    breaths = 0

    async def breathing() -> None:
        nonlocal breaths
        while True:
            breaths += 1
            await asyncio.sleep(0)

    for _ in range(hub_room.SLICE):
        await scene.hub._breathe()
    task = asyncio.create_task(breathing())
    for _ in range(hub_room.SLICE * 3):
        await scene.hub._breathe()
    task.cancel()
    assert breaths >= 2

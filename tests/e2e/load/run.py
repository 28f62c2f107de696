"""The whole run: everybody is there, the day passes, all work comes to its end, and everything is looked at."""

import asyncio
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from tests.e2e.cluster.cluster import Cluster
from tests.e2e.kill.drain import finish, rest
from tests.e2e.load.audience import audience, people_of
from tests.e2e.load.day import Day, Size, day
from tests.e2e.load.installation import Installation, deploy, installation
from tests.e2e.load.meter import Meter
from tests.e2e.load.outcome import Outcome
from tests.e2e.load.room import room
from tests.e2e.load.senders import Breakers, Builder, Deliveries
from tests.e2e.load.summary import Crew, summed_up

SOON_S = 2.0  # until the day begins: by then everything is planned
REST_LIMIT_S = 900.0  # a batch may take a busy machine long, and being slow is no fault here

Say = Callable[[str], None]


async def run(seed: str, size: Size, *, many: bool, say: Say, keep: Path | None = None) -> Outcome:
    """One day. What is left of a run that was not good goes to *keep*."""
    outcome: Outcome | None = None
    async with installation(many=many) as here:
        try:
            outcome = await _judged(here, seed, size, say)
        finally:
            if keep is not None and not (outcome and outcome.good):
                shutil.copytree(here.folder, keep / seed, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.sock"))
    return outcome


async def _judged(here: Installation, seed: str, size: Size, say: Say) -> Outcome:
    await here.install()
    people = people_of(size.boards)
    async with audience(here, people, size.boards, seed) as boards:
        await boards.seated()
        say(f"{size.boards} boards are open")
        begins = time.time() + SOON_S
        planned = day(seed, size, len(people), begins)
        crew = Crew(
            Deliveries(here, planned.sendings, seed), Builder(here, planned.wishes, people), Breakers(here, seed),
            boards, Meter(here),
        )  # fmt: skip
        await _pass(here, planned, begins, crew, say)
        say(f"all work is done {crew.done_s - size.seconds:.0f} s after the end of the day")
        if not await boards.shown():
            say("not every board came to the last update")
        looked, busy = await boards.end()
    now = await here.look(lambda db: room(db, postgres=isinstance(here, Cluster)))
    crew.meter.look()
    await here.stop()
    return await summed_up(here, size, crew, looked, {"tables": now, "boards_process_busy": round(busy, 2)})


async def _pass(here: Installation, planned: Day, begins: float, crew: Crew, say: Say) -> None:
    """The day, and then rest until all work has come to its end."""
    await asyncio.sleep(max(0.0, begins - time.time()))
    crew.began = time.time()
    async with asyncio.TaskGroup() as tasks:
        always = [tasks.create_task(each.run()) for each in (crew.breakers, crew.meter)]
        for each in (crew.deliveries, crew.builder):
            tasks.create_task(each.run())
        if planned.deploy_s is not None:
            await asyncio.sleep(planned.deploy_s)
            crew.replaced = await deploy(here)
            say(f"replaced {len(crew.replaced)} processes in {crew.replaced[-1].ready - crew.replaced[0].told:.1f} s")
        await _until_sent(crew, planned)
        await rest(here, crew.deliveries, crew.builder)
        await finish(here, crew.deliveries, crew.builder, limit_s=REST_LIMIT_S)
        crew.done_s = time.time() - crew.began
        for task in always:
            task.cancel()


async def _until_sent(crew: Crew, planned: Day) -> None:
    """The last sending of the day ends it."""
    last = max([each.at_s for each in planned.sendings] + [each.at_s for each in planned.wishes])
    await asyncio.sleep(max(0.0, crew.began + last - time.time()))

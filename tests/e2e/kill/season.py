"""One world from its beginning to its judgement: the server lives and dies, again and again, while it is being used."""

import asyncio
import shutil
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.kill.customer import Customer
from tests.e2e.kill.drain import drain
from tests.e2e.kill.facts import Facts, View, outside, read
from tests.e2e.kill.faults import cause
from tests.e2e.kill.judge import Verdict, judge, not_durable
from tests.e2e.kill.plan import Life, lives
from tests.e2e.kill.scene import Broken
from tests.e2e.kill.sender import Sender
from tests.e2e.kill.watcher import Watcher
from tests.e2e.kill.world import World, world

PAUSES_S = (0.1, 2.5)  # one viewer comes back at once, one takes its time and has more to catch up with
RATE, RATE_WITH_CUTS = 40.0, 20.0  # events a second; at each sync the whole file is copied into the shadow
ORDER_EVERY_S = 0.5
AT_RANDOM, WHILE_STARTING = "at random", "while starting"


@dataclass
class Tally:
    """What was done to the server. *deaths* are counted by their place."""

    deaths: Counter[str] = field(default_factory=Counter)
    cuts: int = 0
    troubles: Counter[str] = field(default_factory=Counter)
    recovered_s: list[float] = field(default_factory=list)
    requests: int = 0
    orders: int = 0
    connections: int = 0

    @property
    def kills(self) -> int:
        return self.deaths.total()

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(**{name: mine + vars(other)[name] for name, mine in vars(self).items()})


@dataclass(frozen=True)
class Bounds:
    """A season lasts *lasts_s* seconds and until *least* deaths have come, but not longer than *at_most_s*."""

    lasts_s: float
    least: int
    at_most_s: float


@dataclass
class _Crew:
    """Those who use the service, and what has not survived so far."""

    sender: Sender
    customer: Customer
    watchers: list[Watcher]
    not_durable: set[str] = field(default_factory=set)


async def season(
    library: Path | None, seed: str, bounds: Bounds, *, with_cuts: bool, keep: Path | None = None
) -> tuple[Tally, Verdict]:
    """With cuts, each death is followed by a power cut: only what was synced is there at the next start.

    A world in which something was lost is copied into *keep*: it will not come again exactly like that.
    """
    async with world(library, with_cuts=with_cuts) as here:
        await _install(here)
        tally, crew = await _use(here, seed, bounds)
        verdict = judge(await _facts(here, crew))
        if keep is not None and not verdict.good:
            shutil.copytree(here.folder, keep / seed.replace("/", "-"), dirs_exist_ok=True)
        return tally, verdict


async def _install(here: World) -> None:
    """The first start of all, an API key, and death: whoever holds the key was promised that it opens the service."""
    await here.start()
    if await here.ready() is None:
        raise Broken(f"the server did not start:\n{here.log}")
    await here.make_key()
    await here.kill()
    if here.with_cuts:
        await here.cut()


async def _use(here: World, seed: str, bounds: Bounds) -> tuple[Tally, _Crew]:
    """Lives, deaths and a clean end."""
    tally, began = Tally(), time.monotonic()
    async with _at_work(here, seed) as crew:
        for life in lives(seed):
            await _live(here, life, tally)
            if here.with_cuts:
                await _cut(here, crew, tally)
            lasted = time.monotonic() - began
            if lasted > bounds.at_most_s or (lasted > bounds.lasts_s and tally.kills >= bounds.least):
                break
        await drain(here, crew.sender, crew.customer, crew.watchers)
    tally.requests, tally.orders = crew.sender.requests, len(crew.customer.accepted)
    tally.connections = sum(watcher.connections for watcher in crew.watchers)
    return tally, crew


@asynccontextmanager
async def _at_work(here: World, seed: str) -> AsyncIterator[_Crew]:
    """Everybody uses the service inside this block. Whoever fails ends it: the test itself would be wrong."""
    sender = Sender(here, seed, RATE_WITH_CUTS if here.with_cuts else RATE)
    crew = _Crew(sender, Customer(here, seed, ORDER_EVERY_S), [Watcher(here, pause_s) for pause_s in PAUSES_S])
    try:
        async with asyncio.TaskGroup() as tasks:
            runs = [sender.run(), crew.customer.run(), *(watcher.run() for watcher in crew.watchers)]
            work = [tasks.create_task(run) for run in runs]
            yield crew
            for task in work:
                task.cancel()
    except* Broken as broken:
        raise broken.exceptions[0] from None


async def _live(here: World, life: Life, tally: Tally) -> None:
    await here.start(point=life.point, nth=life.nth)
    if life.while_starting:
        await here.dies(life.lasts_s)
    elif (took := await here.ready()) is not None:
        tally.recovered_s.append(took)
        async with _troubled(here, life, tally):
            await here.dies(life.lasts_s)
    at_its_point = life.point is not None and here.dead()
    tally.deaths[(life.point if at_its_point else None) or (WHILE_STARTING if life.while_starting else AT_RANDOM)] += 1
    await here.kill()


@asynccontextmanager
async def _troubled(here: World, life: Life, tally: Tally) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(cause(here, trouble, tally.troubles)) for trouble in life.troubles]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    if failed := [error for error in ended if isinstance(error, Exception)]:
        raise failed[0]


async def _cut(here: World, crew: _Crew, tally: Tally) -> None:
    """The power goes; whatever was promised must be on the disk that comes back."""
    await here.cut()
    tally.cuts += 1
    rows = await asyncio.to_thread(read, here.database)
    promised = dict(crew.sender.acknowledged.ids)
    crew.not_durable |= not_durable(
        Facts(rows, acknowledged=promised, views=[View(list(watcher.seen)) for watcher in crew.watchers])
    )


async def _facts(here: World, crew: _Crew) -> Facts:
    renders, delivered, kept = await outside(here)
    return Facts(
        rows=await asyncio.to_thread(read, here.database),
        acknowledged=crew.sender.acknowledged.ids,
        delivered=delivered,
        ordered=frozenset(crew.customer.accepted),
        failing=frozenset(crew.sender.acknowledged.failing),
        renders=renders,
        kept=kept,
        views=[View(watcher.seen) for watcher in crew.watchers],
        not_durable=frozenset(crew.not_durable),
    )

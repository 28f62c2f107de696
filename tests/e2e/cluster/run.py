"""The whole run: the installation is used, its processes die in turn, and at the end everything is counted."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.cluster.audience import EACH, Audience, Due
from tests.e2e.cluster.cluster import Cluster, cluster
from tests.e2e.cluster.control import control
from tests.e2e.cluster.deaths import cause
from tests.e2e.cluster.outcome import Outcome
from tests.e2e.cluster.plan import KINDS, deaths
from tests.e2e.kill.customer import Customer
from tests.e2e.kill.drain import all_shown, finish, rest
from tests.e2e.kill.facts import Facts, View, outside, rows
from tests.e2e.kill.judge import judge
from tests.e2e.kill.scene import Broken
from tests.e2e.kill.sender import Sender
from tests.e2e.kill.watcher import Watcher

RATE = 40.0  # events a second
ORDER_EVERY_S = 0.7
OPERATOR_PAUSE_S = 0.1
HEARD_LIMIT_S = 180.0  # a thousand viewers who all come back at once are work too

Say = Callable[[str], None]


@dataclass
class _Crew:
    sender: Sender
    customer: Customer
    operator: Watcher
    audience: Audience


async def run(seed: str, seconds: float, clients: int, say: Say, keep: Path | None = None) -> Outcome:
    """Deaths for *seconds*, and at least one of each kind. What is left of a run that was not good goes to *keep*."""
    outcome: Outcome | None = None
    async with cluster() as here:
        try:
            outcome = await _judged(here, seed, seconds, clients, say)
        finally:
            if keep is not None and not (outcome and outcome.good):
                shutil.copytree(here.folder, keep / seed, dirs_exist_ok=True)
    return outcome


async def _judged(here: Cluster, seed: str, seconds: float, clients: int, say: Say) -> Outcome:
    await here.install()
    say(f"{len(here.webs)} web and {len(here.workers)} worker processes behind {here.base}")
    outcome, crew = await _use(here, seed, seconds, clients, say)
    await here.stop()
    facts = await _facts(here, crew)
    outcome.verdict, outcome.control = judge(facts), control(facts)
    return outcome


async def _use(here: Cluster, seed: str, seconds: float, clients: int, say: Say) -> tuple[Outcome, _Crew]:
    """Deaths, and then peace, in which all work comes to its end and everybody sees what they waited for."""
    async with _at_work(here, seed, clients) as crew:
        outcome = Outcome(clients, crew.customer.subjects)
        await crew.audience.seated()
        say(f"{clients} viewers of {outcome.subjects} subjects are there")
        await _die(here, seed, seconds, crew.sender, outcome, say)
        await rest(here, crew.sender, crew.customer)
        await finish(here, crew.sender, crew.customer, limit_s=HEARD_LIMIT_S)
        await all_shown(here, [crew.operator])
        await crew.audience.shown()
    outcome.requests, outcome.refused = crew.sender.requests, crew.sender.refused
    outcome.orders, outcome.connections = len(crew.customer.accepted), crew.audience.connections
    outcome.views = sum(len(viewer.watcher.seen) for viewer in crew.audience.viewers)
    return outcome, crew


async def _die(here: Cluster, seed: str, seconds: float, sender: Sender, outcome: Outcome, say: Say) -> None:
    """One after the other; whoever died is there again before the next one does."""
    began = time.monotonic()
    for death in deaths(seed):
        await asyncio.sleep(death.after_s)
        if death.fault is not None:
            whom, fault = death.fault
            await here.control(whom, "POST", "/faults", fault)
        recovery = await cause(here, sender, death)
        here.check()
        say(f"{death.kind}: acknowledged again after {recovery.took_s * 1000:.0f} ms")
        outcome.recovered.append(recovery)
        outcome.seconds = time.monotonic() - began
        if len(outcome.recovered) >= len(KINDS) and outcome.seconds > seconds:
            return


@asynccontextmanager
async def _at_work(here: Cluster, seed: str, clients: int) -> AsyncIterator[_Crew]:
    """Everybody uses the service inside this block. Whoever fails ends it: the test itself would be wrong."""
    customer = Customer(here, seed, ORDER_EVERY_S, subjects=max(1, clients // EACH))
    audience = Audience.of(here, customer, seed, clients)
    crew = _Crew(Sender(here, seed, RATE), customer, Watcher(here, OPERATOR_PAUSE_S), audience)
    try:
        async with asyncio.TaskGroup() as tasks:
            runs = [crew.sender.run(), customer.run(), crew.operator.run(), audience.run()]
            work = [tasks.create_task(run) for run in runs]
            yield crew
            for task in work:
                task.cancel()
    except* Broken as broken:
        raise broken.exceptions[0] from None


async def _facts(here: Cluster, crew: _Crew) -> Facts:
    renders, delivered, kept = await outside(here)
    due = await here.look(Due.read)
    return Facts(
        rows=await here.look(rows),
        acknowledged=crew.sender.acknowledged.ids,
        delivered=delivered,
        ordered=frozenset(crew.customer.accepted),
        failing=frozenset(crew.sender.acknowledged.failing),
        renders=renders,
        kept=kept,
        views=[View(crew.operator.seen), *crew.audience.views(due)],
    )

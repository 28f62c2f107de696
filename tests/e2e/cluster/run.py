"""The whole run: the installation is used, its processes die in turn, and at the end everything is counted."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.cluster.audience import EACH, Audience, Due
from tests.e2e.cluster.cluster import Cluster, cluster
from tests.e2e.cluster.control import Control, control
from tests.e2e.cluster.deaths import Recovery, cause
from tests.e2e.cluster.plan import KINDS, deaths
from tests.e2e.kill.customer import Customer
from tests.e2e.kill.drain import finish, rest
from tests.e2e.kill.facts import Facts, View, outside, rows
from tests.e2e.kill.judge import Verdict, judge
from tests.e2e.kill.scene import Broken
from tests.e2e.kill.sender import Refused, Sender
from tests.e2e.kill.watcher import Watcher

RATE = 40.0  # events a second
ORDER_EVERY_S = 0.7
OPERATOR_PAUSE_S = 0.1
BY_THE_PROXY = (502, 503, 504)

Say = Callable[[str], None]


@dataclass
class Outcome:
    """Everything that was measured."""

    clients: int
    subjects: int
    verdict: Verdict = field(default_factory=Verdict)
    recovered: list[Recovery] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    requests: int = 0
    orders: int = 0
    connections: int = 0
    views: int = 0
    """Updates that were shown to viewers, all together."""
    seconds: float = 0.0
    control: Control | None = None

    @property
    def refused_in_peace(self) -> list[Refused]:
        """Webhooks that were turned away although a web process and Postgres were there all the time."""
        away = [each for each in self.recovered if each.kind == "postgres killed"]
        return [
            one
            for one in self.refused
            if one.status in BY_THE_PROXY and not any(one.began < out.back and one.ended > out.died for out in away)
        ]

    @property
    def good(self) -> bool:
        return self.verdict.good and not self.refused_in_peace and self.control is not None and self.control.good


@dataclass
class _Crew:
    sender: Sender
    customer: Customer
    operator: Watcher
    audience: Audience


async def run(seed: str, seconds: float, clients: int, say: Say, keep: Path | None = None) -> Outcome:
    """Deaths for *seconds*, and at least one of each kind. A run that was not good is copied into *keep*."""
    async with cluster() as here:
        await here.install()
        say(f"{len(here.webs)} web and {len(here.workers)} worker processes behind {here.base}")
        outcome, crew = await _use(here, seed, seconds, clients, say)
        await here.stop()
        facts = await _facts(here, crew)
        outcome.verdict, outcome.control = judge(facts), control(facts)
        if keep is not None and not outcome.good:
            shutil.copytree(here.folder, keep / seed, dirs_exist_ok=True)
    return outcome


async def _use(here: Cluster, seed: str, seconds: float, clients: int, say: Say) -> tuple[Outcome, _Crew]:
    async with _at_work(here, seed, clients) as crew:
        outcome = Outcome(clients, crew.customer.subjects)
        await crew.audience.seated()
        say(f"{clients} viewers of {outcome.subjects} subjects are there")
        began = time.monotonic()
        for number, death in enumerate(deaths(seed), 1):
            await asyncio.sleep(death.after_s)
            if death.fault is not None:
                await here.control(death.fault[0], "POST", "/faults", death.fault[1])
            recovery = await cause(here, crew.sender, death)
            say(f"{death.kind}: acknowledged again after {recovery.took_s * 1000:.0f} ms")
            outcome.recovered.append(recovery)
            here.check()
            if number >= len(KINDS) and time.monotonic() - began > seconds:
                break
        outcome.seconds = time.monotonic() - began
        await rest(here, crew.sender, crew.customer)
        await finish(here, crew.sender, crew.customer)
        await crew.audience.shown()
    outcome.requests, outcome.refused = crew.sender.requests, crew.sender.refused
    outcome.orders, outcome.connections = len(crew.customer.accepted), crew.audience.connections
    outcome.views = sum(len(viewer.watcher.seen) for viewer in crew.audience.viewers)
    return outcome, crew


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

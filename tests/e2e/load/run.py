"""The whole run: everybody is there, the day passes, all work comes to its end, and everything is looked at."""

import asyncio
import shutil
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.cluster.audience import Due
from tests.e2e.cluster.cluster import Cluster
from tests.e2e.cluster.control import control
from tests.e2e.kill.drain import finish, rest
from tests.e2e.kill.facts import Facts, outside, rows
from tests.e2e.kill.judge import judge
from tests.e2e.load import times
from tests.e2e.load.audience import Audience, Looked, audience, people_of, update_ids
from tests.e2e.load.check import check, seen_by_control
from tests.e2e.load.day import Day, Size, day
from tests.e2e.load.installation import Installation, Replaced, deploy, installation
from tests.e2e.load.meter import Meter
from tests.e2e.load.outcome import Controlled, Outcome, Shares
from tests.e2e.load.room import on_disk, room
from tests.e2e.load.senders import Breakers, Builder, Deliveries, Try

SOON_S = 2.0  # until the day begins: by then everything is planned
HEARD_LIMIT_S = 600.0

Say = Callable[[str], None]


@dataclass
class _Crew:
    deliveries: Deliveries
    builder: Builder
    breakers: Breakers
    audience: Audience
    meter: Meter
    replaced: list[Replaced] = field(default_factory=list)
    began: float = field(default_factory=time.time)
    done_s: float = 0.0
    """How long it took until all work had come to its end."""


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
        crew = _Crew(
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
    return await _outcome(here, size, crew, looked, {"tables": now, "boards_process_busy": round(busy, 2)})


async def _pass(here: Installation, planned: Day, begins: float, crew: _Crew, say: Say) -> None:
    """The day, and then rest until all work has come to its end."""
    await asyncio.sleep(max(0.0, begins - time.time()))
    crew.began = time.time()
    async with asyncio.TaskGroup() as tasks:
        always = [tasks.create_task(each.run()) for each in (crew.breakers, crew.meter)]
        for each in (crew.deliveries, crew.builder):
            tasks.create_task(each.run())
        await asyncio.sleep(planned.deploy_s)
        crew.replaced = await deploy(here)
        say(f"replaced {len(crew.replaced)} processes in {crew.replaced[-1].ready - crew.replaced[0].told:.1f} s")
        await _until_sent(crew, planned)
        await rest(here, crew.deliveries, crew.builder)
        await finish(here, crew.deliveries, crew.builder, limit_s=HEARD_LIMIT_S)
        crew.done_s = time.time() - crew.began
        for task in always:
            task.cancel()


async def _until_sent(crew: _Crew, planned: Day) -> None:
    """The last sending of the day ends it."""
    last = max([each.at_s for each in planned.sendings] + [each.at_s for each in planned.wishes])
    await asyncio.sleep(max(0.0, crew.began + last - time.time()))


async def _outcome(
    here: Installation, size: Size, crew: _Crew, looked: Sequence[Looked], figures: dict[str, Any]
) -> Outcome:
    facts = await _facts(here, crew, looked)
    told, kept = await here.look(times.Told.read), await here.look(times.Kept.read)
    heygen = (await here.control("heygen", "GET", "/deliveries"))["deliveries"]
    renders = (await here.control("heygen", "GET", "/videos"))["videos"]
    tries, window = [*crew.deliveries.tries, *_tries_of(heygen)], times.away(crew.replaced)
    back = (window[0], times.all_back(looked, crew.replaced))
    late = times.lateness(looked, told)
    return Outcome(
        size=size,
        verdict=judge(facts),
        checked=check(facts, crew.breakers.begun),
        controlled=Controlled(control(facts), seen_by_control(facts)),
        all_day=_shares(tries),
        in_peace=_shares([each for each in tries if not times.overlaps(each, window)]),
        refused=_refused(crew.deliveries, heygen),
        replaced=crew.replaced,
        times={
            "answered": times.spread(each.ended - each.due for each in tries if not times.overlaps(each, back)),
            "answered_in_storm": times.spread(
                each.ended - each.due for each in tries if each.taken and window[1] <= each.due <= back[1]
            ),
            "applied": times.spread(times.applied(crew.deliveries.tries, looked, told, back)),
            **{f"late_for_{who}": times.spread(some) for who, some in sorted(late.items())},
            "ready_after_render": times.spread(times.ready_after(renders, looked, told)),
            "without_stream": times.spread(times.storm(looked, crew.replaced)),
        },
        figures=figures
        | {
            "all_back_s": round(back[1] - window[1], 1),
            "done_s": round(crew.done_s, 1),
            "driver_late_ms": round(crew.deliveries.late_s * 1000, 1),
            "streams_opened": sum(len(each.visits) for each in looked),
            "boards_refused": sum(each.refused for each in looked),
            "updates_shown": sum(len(each.shown) for each in looked),
            "deliveries_broken_off": len(crew.breakers.begun),
            "files": kept.files,
            "file_bytes": kept.bytes,
            "media_bytes_on_disk": on_disk(here.media),
            "cpu_s": round(crew.meter.cpu_s, 1),
            "cores": round(crew.meter.cpu_s / crew.done_s, 2),
            "memory_mib": {name: round(most / 2**20) for name, most in sorted(crew.meter.most_bytes.items())},
        },
    )


async def _facts(here: Installation, crew: _Crew, looked: Sequence[Looked]) -> Facts:
    renders, delivered, kept = await outside(here)
    due, all_ids = await here.look(Due.read), await here.look(update_ids)
    return Facts(
        rows=await here.look(rows),
        acknowledged=crew.deliveries.sender.acknowledged.ids,
        delivered=delivered,
        ordered=frozenset(crew.builder.accepted),
        failing=frozenset(crew.deliveries.sender.acknowledged.failing),
        renders=renders,
        kept=kept,
        views=[each.view(due, all_ids) for each in looked],
    )


def _tries_of(heygen: Sequence[dict[str, Any]]) -> list[Try]:
    """The first requests of the simulated HeyGen."""
    firsts = [(each["attempts"][0], each["body"].encode()) for each in heygen if each["attempts"]]
    return [Try(first["at"], first["at"] + first["seconds"], body, first["status"] == 200) for first, body in firsts]


def _shares(tries: Sequence[Try]) -> Shares:
    return Shares(len(tries), sum(each.taken for each in tries))


def _refused(deliveries: Deliveries, heygen: Sequence[dict[str, Any]]) -> dict[str, int]:
    """All requests that were not answered 2xx, repeats too, by status."""
    statuses = [each.status for each in deliveries.sender.refused]
    statuses += [attempt["status"] or 0 for each in heygen for attempt in each["attempts"] if attempt["status"] != 200]
    return dict(sorted(Counter(str(status) if status else "no answer" for status in statuses).items()))

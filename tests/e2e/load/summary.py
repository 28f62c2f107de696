"""Everything that was noted in a run, made into its outcome."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.e2e.cluster.audience import Due
from tests.e2e.cluster.control import control
from tests.e2e.kill.facts import Facts, outside, rows
from tests.e2e.kill.judge import judge
from tests.e2e.load import times
from tests.e2e.load.audience import Audience, Looked, update_ids
from tests.e2e.load.check import check, seen_by_control
from tests.e2e.load.day import Size
from tests.e2e.load.installation import Installation, Replaced
from tests.e2e.load.meter import Meter
from tests.e2e.load.outcome import Controlled, Outcome, Shares
from tests.e2e.load.room import on_disk
from tests.e2e.load.senders import Breakers, Builder, Deliveries, Try

Listed = Sequence[dict[str, Any]]


@dataclass
class Crew:
    """Who was at work, and what was noted of the day."""

    deliveries: Deliveries
    builder: Builder
    breakers: Breakers
    audience: Audience
    meter: Meter
    replaced: list[Replaced] = field(default_factory=list)
    began: float = field(default_factory=time.time)
    done_s: float = 0.0
    """How long it took until all work had come to its end."""


@dataclass(frozen=True)
class _Windows:
    """When what happened: the *deploy*, all boards *back* after it, the *batch* from its end at HeyGen until ready."""

    deploy: tuple[float, float]
    back: tuple[float, float]
    batch: tuple[float, float]


async def summed_up(
    here: Installation, size: Size, crew: Crew, looked: Sequence[Looked], figures: Mapping[str, Any]
) -> Outcome:
    """The outcome of a day whose processes have ended; *figures* are told as they are."""
    facts, told = await _facts(here, crew, looked), await here.look(times.Told.read)
    heygen: Listed = (await here.control("heygen", "GET", "/deliveries"))["deliveries"]
    renders: Listed = (await here.control("heygen", "GET", "/videos"))["videos"]
    ready, deploy = times.ready_at(looked, told), times.away(crew.replaced)
    back = times.all_back(looked, crew.replaced)
    windows = _Windows(deploy, (deploy[0], back), times.batch_window(renders, ready))
    tries = [*crew.deliveries.tries, *_tries_of(heygen)]
    return Outcome(
        size=size,
        verdict=judge(facts),
        checked=check(facts, crew.breakers.begun),
        controlled=Controlled(control(facts), seen_by_control(facts)),
        all_day=_shares(tries),
        in_peace=_shares([each for each in tries if not times.overlaps(each, deploy)]),
        refused=_refused(crew.deliveries, heygen),
        replaced=crew.replaced,
        times=_times(crew, looked, told, windows, times.ready_after(renders, ready)),
        figures={
            **figures,
            "batch_ready_s": round(windows.batch[1] - windows.batch[0], 1),
            "all_back_s": round(max(0.0, back - deploy[1]), 1),
            **_figures(crew, looked, await here.look(times.Kept.read)),
            "media_bytes_on_disk": on_disk(here.media),
        },
    )


def _times(
    crew: Crew, looked: Sequence[Looked], told: times.Told, at: _Windows, rendered: Sequence[tuple[float, float]]
) -> dict[str, dict[str, float]]:
    answered = [(each.due, each.ended) for each in crew.deliveries.tries if each.taken]
    applied = times.applied(crew.deliveries.tries, looked, told)
    taken = {
        "answered": times.without(answered, at.back, at.batch),
        "answered_in_batch": times.within(answered, at.batch),
        "answered_in_storm": times.within(answered, (at.deploy[1], at.back[1])),
        "applied": times.without(applied, at.back, at.batch),
        "applied_in_batch": times.within(applied, at.batch),
        **{f"late_for_{who}": some for who, some in sorted(times.lateness(looked, told).items())},
        "ready_after_render": times.without(rendered, at.back, at.batch),
        "ready_in_batch": times.within(rendered, at.batch),
        "without_stream": times.storm(looked, crew.replaced),
    }
    return {name: times.spread(some) for name, some in taken.items()}


def _figures(crew: Crew, looked: Sequence[Looked], kept: times.Kept) -> dict[str, Any]:
    return {
        "done_s": round(crew.done_s, 1),
        "driver_late_ms": round(crew.deliveries.late_s * 1000, 1),
        "streams_opened": sum(len(each.visits) for each in looked),
        "boards_refused": sum(each.refused for each in looked),
        "updates_shown": sum(len(each.shown) for each in looked),
        "deliveries_broken_off": len(crew.breakers.begun),
        "files": kept.files,
        "file_bytes": kept.bytes,
        "cpu_s": round(crew.meter.cpu_s, 1),
        "cores": round(crew.meter.cpu_s / crew.done_s, 2),
        "memory_mib": {name: round(most / 2**20) for name, most in sorted(crew.meter.most_bytes.items())},
    }


async def _facts(here: Installation, crew: Crew, looked: Sequence[Looked]) -> Facts:
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

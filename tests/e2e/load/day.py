"""The day, from a seed alone: what is sent and asked for when, with all its hours in some minutes."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from tests.e2e.kill.plan import SEVERAL_BLOCKS, Order
from tests.e2e.kill.sender import events

# Hour, width in hours and height of each peak, over what always comes.
MORNING, AFTERNOON, ALWAYS = (10.0, 1.5, 1.0), (15.5, 2.0, 0.8), 0.12
BURSTS = 4
BURST_SHARE = 0.02  # of the day's events come in one instant
REDELIVERED = 0.04  # so many are sent once more, long after they were acknowledged
AFTER = (0.05, 0.4)  # of a day
# The batch is ordered from the first until the second of these, and all of it is rendered at the third. Then a deploy.
ORDERED_FROM, ORDERED_UNTIL, RENDERED_AT, DEPLOY_AT = 0.05, 0.4, 0.45, 0.65
LAST_ORDER = 0.9


@dataclass(frozen=True)
class Size:
    """How much of everything. *rate* is events a second, over the whole day; *orders* are those beside the *batch*.

    Every video is *bytes* long; None: as short as can be, and now and then some megabytes.
    """

    seconds: float
    boards: int
    batch: int
    orders: int
    rate: float
    bytes: int | None = None
    deploy: bool = True


@dataclass(frozen=True)
class Sending:
    """A delivery that begins *at_s* seconds after the day did."""

    at_s: float
    body: bytes


@dataclass(frozen=True)
class Wish:
    """A video that person *of* asks for, *at_s* seconds after the day began."""

    at_s: float
    order: Order
    of: int


@dataclass(frozen=True)
class Day:
    """Everything that is planned, in the order in which it comes; *deploy_s* is None when there is no deploy."""

    sendings: Sequence[Sending]
    wishes: Sequence[Wish]
    deploy_s: float | None


def intensity(hour: float) -> float:
    """How much comes at this hour, beside 1 at the top of the morning."""
    return ALWAYS + sum(high * math.exp(-(((hour - at) / wide) ** 2)) for at, wide, high in (MORNING, AFTERNOON))


def day(seed: str, size: Size, people: int, begins: float) -> Day:
    """The day of *seed*, which *begins* at this second since 1970: by then the simulator plans the batch's end."""
    deploy_s = size.seconds * DEPLOY_AT if size.deploy else None
    return Day(_sendings(seed, size), _wishes(seed, size, people, begins), deploy_s)


def _sendings(seed: str, size: Size) -> list[Sending]:
    dice, many = random.Random(f"{seed}/sendings"), int(size.rate * size.seconds)
    burst = int(many * BURST_SHARE)
    moments = _moments(dice, many - BURSTS * burst, size.seconds)
    moments += [at for _ in range(BURSTS) for at in [dice.uniform(0, size.seconds)] * burst]
    planned = [Sending(at, body) for at, body in zip(sorted(moments), islice(events(seed), many), strict=True)]
    late = (
        Sending(each.at_s + dice.uniform(*AFTER) * size.seconds, each.body)
        for each in planned
        if dice.random() < REDELIVERED
    )
    return sorted([*planned, *(each for each in late if each.at_s < size.seconds)], key=lambda each: each.at_s)


def _wishes(seed: str, size: Size, people: int, begins: float) -> list[Wish]:
    dice, seconds = random.Random(f"{seed}/wishes"), size.seconds
    usual = [at for at in _moments(dice, 2 * size.orders, seconds) if at < LAST_ORDER * seconds][: size.orders]
    batch = [dice.uniform(ORDERED_FROM, ORDERED_UNTIL) * seconds for _ in range(size.batch)]
    together = {"ends_at": begins + RENDERED_AT * seconds, "outcome": "completed"}
    long = {"bytes": size.bytes} if size.bytes else {}
    planned = [(at, _fate(dice) | long) for at in usual] + [(at, _fate(dice) | together | long) for at in batch]
    return [
        Wish(at, Order(number, _store(dice), dice.random() < 0.1, fate), dice.randrange(people))
        for number, (at, fate) in enumerate(sorted(planned, key=lambda each: each[0]))
    ]


def _moments(dice: random.Random, many: int, seconds: float) -> list[float]:
    """*many* moments of a day, most of them where most comes."""
    hours = [step / 4 for step in range(24 * 4)]
    drawn = dice.choices(hours, [intensity(hour) for hour in hours], k=many)
    return [(hour + dice.uniform(0, 0.25)) / 24 * seconds for hour in drawn]


def _store(dice: random.Random) -> str:
    return "cloudinary" if dice.random() < 0.2 else "local"


def _fate(dice: random.Random) -> dict[str, Any]:
    """What HeyGen makes of it; nothing outside fails here but videos themselves."""
    fate: dict[str, Any] = {
        "outcome": "failed" if dice.random() < 0.06 else "completed",
        "render_s": dice.uniform(0.5, 3.0),
        "delivery": dice.choice(("in_order", "in_order", "in_order", "out_of_order")),
        "duplicates": dice.choice((0, 0, 0, 1, 2)),
        "gif": dice.random() < 0.1,
        "caption_after_s": 0.3,
    }
    if dice.random() < 0.03:
        fate["bytes"] = SEVERAL_BLOCKS
    if dice.random() < 0.1:
        fate["extra_events"] = [{"type": "avatar_video.success", "after_s": dice.uniform(0.5, 5.0)}]
    return fate if fate["outcome"] == "completed" else {**fate, "extra_events": []}

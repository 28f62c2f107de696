"""What happens when, from a seed alone: how each life of the server ends, what troubles it, and what is asked of it."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

JOBS = ("apply_events", "request_video", "archive_asset", "confirm_video")
POINTS = ("begin", "commit", "committed", *(f"job.{kind}.{end}" for kind in JOBS for end in ("claimed", "done")))
# Where something is done outside, or committed, and nobody knows it yet: these come twice as often.
SHARPEST = ("commit", "committed", "job.request_video.done", "job.archive_asset.done")
# How often a point may be passed before the process dies at it: jobs are rarer than transactions.
MOST_PASSES = {"begin": 60, "commit": 60, "committed": 60}
FEW_PASSES = 2
LIFE_S, STARTING_S = (0.3, 3.0), (0.05, 1.0)
POINT_LIMIT_S = 4.0
STORES = ("local", "cloudinary")
LARGE = 21_000_000  # more than goes to Cloudinary in one request
SEVERAL_BLOCKS = 3_000_000

# The fields of a fault are those of the simulators.
CLOUDINARY_FAULTS: tuple[dict[str, Any], ...] = (
    {"on": "upload", "kind": "rate_limited", "seconds": 1},
    {"on": "upload", "kind": "server_error"},
    {"on": "upload", "kind": "bad_gateway"},
    {"on": "upload", "kind": "unavailable", "seconds": 1},
    {"on": "upload", "kind": "delay", "seconds": 4},
    {"on": "upload", "kind": "drop"},
    {"on": "upload", "kind": "drop_after"},
    {"on": "upload", "kind": "drop_after", "skip": 1},
    {"on": "upload", "kind": "error_after"},
    {"on": "admin", "kind": "server_error"},
)
HEYGEN_FAULTS: tuple[dict[str, Any], ...] = (
    {"on": "api", "kind": "rate_limited", "seconds": 1},
    {"on": "api", "kind": "server_error"},
    {"on": "api", "kind": "bad_gateway"},
    {"on": "api", "kind": "unavailable", "seconds": 1},
    {"on": "api", "kind": "delay", "seconds": 2},
    {"on": "api", "kind": "drop_before"},
    {"on": "api", "kind": "drop_after"},
    {"on": "api", "kind": "drop_after", "target": "POST /v3/videos"},
    {"on": "media", "kind": "forbidden"},
    {"on": "media", "kind": "not_found"},
    {"on": "media", "kind": "server_error"},
    {"on": "media", "kind": "html"},
    {"on": "media", "kind": "drop", "bytes": 20_000},
    {"on": "media", "kind": "slow", "bytes_per_s": 60_000},
    {"on": "media", "kind": "slow", "bytes_per_s": 15_000},
)


@dataclass(frozen=True)
class Trouble:
    """*what*: `stop` (SIGSTOP, then SIGCONT), `full` (the disk), `cloudinary` or `heygen` (its simulator's *fault*)."""

    what: str
    after_s: float
    for_s: float = 0.0
    fault: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Life:
    """One life of the server. It dies when *point* is passed for the *nth* time, and after *lasts_s* at the latest.

    *lasts_s* counts from the moment it is ready; in a life that ends *while_starting*, from the start of the process.
    """

    number: int
    point: str | None
    nth: int
    lasts_s: float
    while_starting: bool
    troubles: tuple[Trouble, ...]


@dataclass(frozen=True)
class Order:
    """A video that is asked for, and what HeyGen shall make of it (*plan*, a Plan of the simulator)."""

    number: int
    store: str
    caption: bool
    plan: dict[str, Any]


def lives(seed: str) -> Iterator[Life]:
    """Without end. Every second life ends at a named point; all points come round, in another order each time."""
    dice, points = random.Random(f"{seed}/lives"), _points(random.Random(f"{seed}/points"))
    number = 0
    while True:
        number += 1
        point = next(points) if number % 2 == 0 else None
        starting = point is None and dice.random() < 0.15
        yield Life(
            number=number,
            point=point,
            nth=dice.randint(1, MOST_PASSES.get(point or "", FEW_PASSES)),
            lasts_s=POINT_LIMIT_S if point else dice.uniform(*(STARTING_S if starting else LIFE_S)),
            while_starting=starting,
            troubles=() if starting else tuple(_trouble(dice) for _ in range(dice.choice((0, 1, 1, 2)))),
        )


def orders(seed: str) -> Iterator[Order]:
    """Without end: one video after the other."""
    dice, number = random.Random(f"{seed}/orders"), 0
    while True:
        number += 1
        yield Order(number, dice.choice(STORES), dice.random() < 0.25, _fate(dice))


def _points(dice: random.Random) -> Iterator[str]:
    while True:
        yield from dice.sample(POINTS + SHARPEST, len(POINTS) + len(SHARPEST))


def _trouble(dice: random.Random) -> Trouble:
    after_s, what = (
        dice.uniform(0.0, 1.5),
        dice.choice(("stop", "full", "cloudinary", "cloudinary", "heygen", "heygen")),
    )
    if what in ("stop", "full"):
        return Trouble(what, after_s, dice.uniform(0.2, 1.0))
    fault = dice.choice(CLOUDINARY_FAULTS if what == "cloudinary" else HEYGEN_FAULTS)
    return Trouble(what, after_s, fault=fault | {"times": dice.randint(1, 2)})


def _fate(dice: random.Random) -> dict[str, Any]:
    """Mostly a video that succeeds, with everything that may go wrong on the way to us."""
    plan: dict[str, Any] = {
        "outcome": "failed" if dice.random() < 0.2 else "completed",
        "delivery": dice.choice(("in_order", "in_order", "out_of_order")),
        "duplicates": dice.choice((0, 0, 1, 2)),
        "gif": dice.random() < 0.2,
        "caption_after_s": 0.3,
        "first_downloads_403": dice.choice((0, 0, 0, 1)),
    }
    if dice.random() < 0.2:
        plan["link_ttl_s"] = 2
    if dice.random() < 0.3:
        plan["extra_events"] = [{"type": "avatar_video.success", "after_s": dice.uniform(0.1, 3.0)}]
    size = dice.random()
    if size < 0.2:
        plan["bytes"] = LARGE if size < 0.08 else SEVERAL_BLOCKS
    return plan if plan["outcome"] == "completed" else {**plan, "extra_events": []}

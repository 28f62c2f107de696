"""Who dies when, from a seed alone: every kind of death comes once in each round, in another order each time."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.e2e.kill.plan import CLOUDINARY_FAULTS, HEYGEN_FAULTS

KINDS = (
    "web killed",
    "worker killed",
    "redis killed",
    "redis flushed",
    "postgres killed",
    "nginx reloaded",
    "web restarted",
)
AWAY_S, PAUSE_S = (0.1, 1.0), (0.2, 1.5)
TROUBLED = 0.4


@dataclass(frozen=True)
class Death:
    """*which* of several processes dies, *after_s* seconds of peace, and how long it is *away_s* before it is started.

    *fault*, if there is one, is what troubles a simulator meanwhile: whom, and its words for it.
    """

    kind: str
    which: int
    after_s: float
    away_s: float
    fault: tuple[str, dict[str, Any]] | None


def deaths(seed: str) -> Iterator[Death]:
    """Without end."""
    dice = random.Random(f"{seed}/deaths")
    while True:
        for kind in dice.sample(KINDS, len(KINDS)):
            yield Death(kind, dice.randrange(2), dice.uniform(*PAUSE_S), dice.uniform(*AWAY_S), _fault(dice))


def _fault(dice: random.Random) -> tuple[str, dict[str, Any]] | None:
    if dice.random() > TROUBLED:
        return None
    whom, faults = dice.choice((("cloudinary", CLOUDINARY_FAULTS), ("heygen", HEYGEN_FAULTS)))
    return whom, dice.choice(faults) | {"times": 1}

"""The whole run: seasons of kills, seasons of power cuts, and the control, for as many minutes as were asked for."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.kill.control import Control, control
from tests.e2e.kill.judge import Verdict
from tests.e2e.kill.season import Bounds, Tally, season

SEASON_S = 90.0  # then a new world: databases stay small, and each begins with a first start
AROUND_S = 8.0  # what a season takes beside the lives and deaths: setting up, draining, judging
SHORTEST_S = 5.0
SHARE_OF_KILLS = 0.52
LONG_MINUTES, LEAST = 5.0, 50  # a run of so many minutes goes on until it has seen so many deaths of each kind
LEAST_A_MINUTE = 6

Say = Callable[[str], None]


@dataclass
class Part:
    """Seasons of one kind."""

    seconds: float = 0.0
    seasons: int = 0
    tally: Tally = field(default_factory=Tally)
    verdict: Verdict = field(default_factory=Verdict)


@dataclass
class Outcome:
    """Everything that was measured. *cuts* and *control* are None without a compiler."""

    kills: Part
    cuts: Part | None
    control: Control | None

    @property
    def verdict(self) -> Verdict:
        return self.kills.verdict + (self.cuts.verdict if self.cuts else Verdict())

    @property
    def good(self) -> bool:
        return self.verdict.good and (self.control is None or self.control.good)


async def run(library: Path | None, seed: str, minutes: float, say: Say, keep: Path | None = None) -> Outcome:
    """Half of the time for kills, the other half for cuts."""
    seconds = minutes * 60
    least = LEAST if minutes >= LONG_MINUTES else math.ceil(LEAST_A_MINUTE * minutes)
    kills = await part(library, f"{seed}/kills", seconds * SHARE_OF_KILLS, least, say=say, keep=keep)
    if library is None:
        say("no C compiler here: no power cuts, and no full disk")
        return Outcome(kills, None, None)
    controlled = await control(library)
    say(f"control: {controlled}")
    share = seconds * (1 - SHARE_OF_KILLS)
    cuts = await part(library, f"{seed}/cuts", share, least, with_cuts=True, say=say, keep=keep)
    return Outcome(kills, cuts, controlled)


async def part(
    library: Path | None,
    seed: str,
    seconds: float,
    least: int,
    *,
    with_cuts: bool = False,
    say: Say,
    keep: Path | None = None,
) -> Part:
    """Seasons for about *seconds*, and until *least* deaths have come, but for twice the time at most."""
    done, began = Part(), time.monotonic()
    while not done.seasons or _goes_on(done, seconds, least):
        bounds = _bounds(done, seconds, least)
        tally, verdict = await season(library, f"{seed}/{done.seasons}", bounds, with_cuts=with_cuts, keep=keep)
        done.tally, done.verdict = done.tally + tally, done.verdict + verdict
        done.seasons, done.seconds = done.seasons + 1, time.monotonic() - began
        say(f"{seed}/{done.seasons - 1}: {tally.kills} deaths, {verdict.acknowledged} events acknowledged")
        for fault in verdict.faults:
            say(f"  {fault}")
    return done


def _bounds(done: Part, seconds: float, least: int) -> Bounds:
    """Of the next season: what is left of the time, or half of it again when it is over and deaths are missing."""
    left = seconds - done.seconds - AROUND_S
    lasts_s = min(left if left > SHORTEST_S else seconds / 2, SEASON_S)
    missing = 0 if left > SEASON_S else least - done.tally.kills
    return Bounds(lasts_s, missing, at_most_s=1.5 * lasts_s)


def _goes_on(done: Part, seconds: float, least: int) -> bool:
    if done.tally.kills < least:
        return done.seconds < 2 * seconds
    return done.seconds + AROUND_S + SHORTEST_S < seconds

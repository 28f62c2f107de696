"""What a log line costs, with and without what was added to it: `python -m bench.logs`.

In one process, by the processor's time, the ways taking turns: what else the machine does matters little. A line is
that of an accepted webhook, written as JSON to nowhere. `plain` is the same chain without levels and thinning.
"""

import sys
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import structlog

from bench.kit import Reach, Report, given, take_turns
from bench.kit.rounds import Figures, Way
from reelhook import logs
from reelhook.kit.clock import SystemClock
from reelhook.units import DeliveryAccepted

LINES = 2000
PLAIN = "plain"


class Nowhere:
    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None: ...

    def isatty(self) -> bool:
        return False


class Leaps(SystemClock):
    """Each look is in another second, so that no line is one of a flood."""

    def __init__(self) -> None:
        self._passed = 0.0

    def monotonic(self) -> float:
        self._passed += 1
        return self._passed


def line(log: Any) -> None:
    DeliveryAccepted(
        endpoint="heygen",
        event_id="0192c000-0000-7000-8000-000000000001",
        type="avatar_video.success",
        duplicate=False,
        video_id="0192c000-0000-7000-8000-000000000002",
        remote="203.0.113.7",
        bytes=586,
        ms=3.2,
    ).write(log)


def plain() -> None:
    logs.configure("json", clock=Leaps())
    kept = [one for one in structlog.get_config()["processors"] if one is not structlog.stdlib.filter_by_level]
    structlog.configure(processors=[one for one in kept if one is not logs._thinned])


def whole() -> None:
    logs.configure("json", clock=Leaps())


def flood() -> None:
    logs.configure("json")


def below_the_level() -> None:
    logs.configure("json", "warning")


WAYS = {PLAIN: plain, "whole": whole, "flood": flood, "below the level": below_the_level}


def main() -> None:
    settings = given(__doc__, rounds=15, seconds=0)
    logs.sys = SimpleNamespace(stderr=Nowhere(), exc_info=sys.exc_info)  # type: ignore[attr-defined,assignment]
    rounds = take_turns({name: _way(configure) for name, configure in WAYS.items()}, settings.rounds)
    reaches = [Reach(name, "us", PLAIN) for name in WAYS if name != PLAIN]
    Report("logs", "Processor time of one log line", rounds, reaches, "us", "µs").write(settings)


def _way(configure: Callable[[], None]) -> Way:
    def once() -> Figures:
        configure()
        log = structlog.get_logger("ingest").bind().info
        began = time.process_time()
        for _ in range(LINES):
            line(log)
        return {"us": (time.process_time() - began) / LINES * 1e6}

    return once


if __name__ == "__main__":
    main()

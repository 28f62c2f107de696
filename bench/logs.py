"""What a log line costs, with and without what was added to it: `python bench/logs.py --write`.

In one process, by the processor's time, the ways taking turns: what else the machine does matters little. A line is
that of an accepted webhook, written as JSON to nowhere. `plain` is the same chain without levels and thinning.
"""

import argparse
import json
import logging
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import structlog

from reelhook import logs
from reelhook.kit.clock import SystemClock
from reelhook.units import DeliveryAccepted

TARGET = Path(__file__).parents[1] / "docs" / "measured" / "logs.json"
ROUNDS, LINES = 15, 2000


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
    structlog.configure(processors=[one for one in kept if not isinstance(one, logs._Flood)])


def whole() -> None:
    logs.configure("json", clock=Leaps())


def flood() -> None:
    logs.configure("json")


def below_the_level() -> None:
    logs.configure("json", "warning")


WAYS: dict[str, Callable[[], None]] = {"plain": plain, "whole": whole, "flood": flood, "below_level": below_the_level}


def measure(way: Callable[[], None]) -> float:
    """Microseconds of the processor for one line."""
    way()
    log = structlog.get_logger("ingest").bind().info
    began = time.process_time()
    for _ in range(LINES):
        line(log)
    return (time.process_time() - began) / LINES * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"keep the result in {TARGET.name}")
    logs.sys = SimpleNamespace(stderr=Nowhere(), exc_info=sys.exc_info)  # type: ignore[attr-defined,assignment]
    found: dict[str, list[float]] = {name: [] for name in WAYS}
    for _ in range(ROUNDS):
        for name, way in WAYS.items():
            found[name].append(measure(way))
    ratios = {
        name: [round(one / base, 3) for one, base in zip(took, found["plain"], strict=True)]
        for name, took in found.items()
    }
    result = {
        "command": "python bench/logs.py --write",
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "lines": LINES * ROUNDS,
        "us_per_line": {name: round(statistics.median(took), 1) for name, took in found.items()},
        "to_plain": {
            name: {"median": statistics.median(some), "least": min(some), "most": max(some)}
            for name, some in ratios.items()
        },
    }
    text = json.dumps(result, indent=1) + "\n"
    print(text, end="")
    if parser.parse_args().write:
        TARGET.write_text(text)


if __name__ == "__main__":
    logging.raiseExceptions = True
    main()

"""The outcome as a table for people and as JSON for machines."""

import os
import platform
import sqlite3
from statistics import median
from typing import Any

from tests.e2e.kill.judge import MUST_BE_ZERO
from tests.e2e.kill.run import Outcome, Part

SHOWN_FAULTS = 50
WORDS = {
    "acknowledged": "events acknowledged",
    "lost": "events lost",
    "before_durable": "acknowledged or shown before durable",
    "events_twice": "events stored twice",
    "videos": "videos",
    "videos_wrong": "videos that did not end as HeyGen says",
    "rendered_twice": "videos rendered twice",
    "assets": "files of videos",
    "assets_wrong": "files that are not HeyGen's bytes",
    "assets_twice": "files stored twice, or left over",
    "updates": "updates in the stream",
    "gaps": "gaps in the stream",
    "repeats": "updates, or ready videos, shown twice",
    "work_left": "jobs left undone",
}


def told(outcome: Outcome, *, seed: str, minutes: float, command: str) -> dict[str, Any]:
    """What `kill-test.json` holds."""
    verdict = outcome.verdict
    numbers = {name: getattr(verdict, name) for name in WORDS}
    first = {name: numbers.pop(name) for name in ("acknowledged", "lost", "gaps", "repeats")}
    parts = {"kills": outcome.kills} | ({"power_cuts": outcome.cuts} if outcome.cuts else {})
    return {
        **first,
        **numbers,
        "kills": outcome.kills.tally.kills,
        "power_cuts": outcome.cuts.tally.cuts if outcome.cuts else None,
        "recover_ms": recovery([took for part in parts.values() for took in part.tally.recovered_s]),
        "control": outcome.control.told() if outcome.control else None,
        "good": outcome.good,
        "seed": seed,
        "minutes": minutes,
        "command": command,
        "parts": {name: _part(part) for name, part in parts.items()},
        "faults": verdict.faults[:SHOWN_FAULTS],
        "machine": {
            "cpus": os.cpu_count(),
            "system": f"{platform.system()} {platform.machine()}",
            "python": platform.python_version(),
            "sqlite": sqlite3.sqlite_version,
        },
    }


def table(report: dict[str, Any]) -> str:
    """The same, to be read."""
    rows = [(words, report[name], name in MUST_BE_ZERO) for name, words in WORDS.items()]
    lines = [f"  {words:<40} {number:>8}{mark(number, zero)}" for words, number, zero in rows]
    cuts, control, recover = report["power_cuts"], report["control"], report["recover_ms"]
    lines += [
        f"  {'kills':<40} {report['kills']:>8}",
        f"  {'power cuts':<40} {'skipped' if cuts is None else cuts:>8}",
        f"  {'ready again after, p50 and longest':<40} {recover['p50']:>8} ms, {recover['max']} ms",
    ]
    if control:
        weaker = f"{control['lost_when_weaker']} of {control['events']} lost"
        lines.append(f"  {'control, with a weaker sync':<40} {weaker:>8} (some must be)")
    return "\n".join([f"Kill test, seed {report['seed']}, {report['minutes']:g} minutes", *lines])


def mark(number: int, must_be_zero: bool) -> str:
    return "" if not must_be_zero else "  ok" if number == 0 else "  MUST BE 0"


def recovery(seconds: list[float]) -> dict[str, int]:
    """From the start of a process to its first 200."""
    return {
        "p50": round(median(seconds) * 1000) if seconds else 0,
        "max": round(max(seconds, default=0) * 1000),
        "starts": len(seconds),
    }


def _part(part: Part) -> dict[str, Any]:
    tally = part.tally
    return {
        "seconds": round(part.seconds),
        "seasons": part.seasons,
        "acknowledged": part.verdict.acknowledged,
        "deaths": dict(tally.deaths.most_common()),
        "troubles": dict(tally.troubles.most_common()),
        "requests": tally.requests,
        "videos_ordered": tally.orders,
        "streams_opened": tally.connections,
        "recover_ms": recovery(tally.recovered_s),
    }

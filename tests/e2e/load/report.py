"""The outcome as a table for people and as JSON for machines."""

import os
import platform
from dataclasses import asdict
from typing import Any

from tests.e2e.kill import report as kill
from tests.e2e.kill.judge import MUST_BE_ZERO
from tests.e2e.load.outcome import SUCCEED, Outcome, Shares

WORDS = {name: words for name, words in kill.WORDS.items() if name != "before_durable"} | {
    "strays": "updates shown to somebody else",
    "before_durable": "shown, and not in the stream table",
    "ends_unseen": "ends of videos that a board does not show",
    "applied_twice": "videos that came to one end twice",
    "halves": "deliveries that broke off, and are events",
}
MUST = {*MUST_BE_ZERO, "ends_unseen", "applied_twice", "halves"}
FIRST = ("acknowledged", "lost", "gaps", "repeats")
TIMES = {
    "answered": "a delivery is answered",
    "answered_in_batch": "answered while the batch is archived",
    "answered_in_storm": "answered while all come back",
    "applied": "a signed post is applied and shown",
    "applied_in_batch": "applied while the batch is archived",
    "late_for_people": "an update is late, for people",
    "late_for_operators": "late for operators, who see all",
    "ready_after_render": "rendered until ready",
    "ready_in_batch": "ready, of the batch",
    "without_stream": "a board without stream in the deploy",
}


def told(outcome: Outcome, *, seed: str, command: str, target: str) -> dict[str, Any]:
    """What `load-test.json` holds."""
    checked = {name: len(getattr(outcome.checked, name)) for name in ("ends_unseen", "applied_twice", "halves")}
    numbers = {name: checked.get(name, getattr(outcome.verdict, name, None)) for name in WORDS}
    return {
        **{name: numbers.pop(name) for name in FIRST},
        **numbers,
        "succeeded_at_first": {
            "all_day": _share(outcome.all_day),
            "in_peace": _share(outcome.in_peace),
            "reach": SUCCEED,
            "reached_in_peace": outcome.succeeds,
            "reached_all_day": outcome.all_day.share >= SUCCEED,
        },
        "refused": dict(outcome.refused),
        "times_ms": {name: dict(each) for name, each in outcome.times.items()},
        "deploy": [
            {
                "process": each.name,
                "ended_s": round(each.ended - each.told, 2),
                "ready_s": round(each.ready - each.told, 2),
            }
            for each in outcome.replaced
        ],
        **outcome.figures,
        "control": outcome.controlled.told(),
        "good": outcome.good,
        "target": target,
        "size": asdict(outcome.size),
        "seed": seed,
        "command": command,
        "faults": outcome.faults[: kill.SHOWN_FAULTS],
        "machine": {
            "cpus": os.cpu_count(),
            "system": f"{platform.system()} {platform.machine()}",
            "python": platform.python_version(),
            "load": [round(each, 1) for each in os.getloadavg()],
        },
    }


def table(report: dict[str, Any]) -> str:
    """The same, to be read."""
    size, shares = report["size"], report["succeeded_at_first"]
    lines = [f"  {words:<44} {report[name]:>9}{kill.mark(report[name], name in MUST)}" for name, words in WORDS.items()]
    for name, words in (("in_peace", "outside the deploy"), ("all_day", "all day")):
        each = shares[name]
        words = f"deliveries that succeed at first, {words}"
        lines.append(f"  {words:<44} {each['share']:>9.3%} of {each['many']:,}")
    for name, words in TIMES.items():
        if (took := report["times_ms"].get(name, {})).get("many"):
            lines.append(f"  {words:<44} p50 {took['p50']:,.0f} ms, p99 {took['p99']:,.0f} ms of {took['many']:,}")
    lines += [
        f"  {'boards, streams opened, updates shown':<44} {size['boards']:>9,} {report['streams_opened']:,} "
        f"{report['updates_shown']:,}",
        f"  {'all boards back after the deploy':<44} {report['all_back_s']:>9} s",
        f"  {'cores busy, memory at most':<44} {report['cores']:>9} {report['memory_mib']}",
    ]
    return "\n".join([f"Load test of {report['target']}, seed {report['seed']}, {size['seconds']:g} s", *lines])


def _share(shares: Shares) -> dict[str, Any]:
    return {"many": shares.many, "at_first": shares.first, "share": round(shares.share, 5)}

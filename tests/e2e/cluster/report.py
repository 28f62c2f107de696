"""The outcome as a table for people and as JSON for machines."""

import os
import platform
import subprocess
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from tests.e2e.cluster.deaths import Recovery
from tests.e2e.cluster.nginx import nginx_binary
from tests.e2e.cluster.outcome import Outcome
from tests.e2e.kill import report as kill
from tests.e2e.kill.judge import MUST_BE_ZERO
from tests.e2e.kill.sender import Refused

# SIGKILL is not a power cut, so nothing is said here about what was durable when.
WORDS = {name: words for name, words in kill.WORDS.items() if name != "before_durable"} | {
    "strays": "updates shown to somebody else",
    "before_durable": "acknowledged or shown, and gone",
    "refused_in_peace": "webhooks refused with a web and Postgres alive",
}
FIRST = ("acknowledged", "lost", "gaps", "repeats")


def told(outcome: Outcome, *, seed: str, minutes: float, command: str) -> dict[str, Any]:
    """What `cluster-test.json` holds."""
    numbers = {name: getattr(outcome.verdict, name, None) for name in WORDS}
    numbers["refused_in_peace"] = len(outcome.refused_in_peace)
    return {
        **{name: numbers.pop(name) for name in FIRST},
        **numbers,
        "clients": outcome.clients,
        "subjects": outcome.subjects,
        "updates_shown": outcome.views,
        "streams_opened": outcome.connections,
        "kills": len(outcome.recovered),
        "kills_by_kind": dict(Counter(each.kind for each in outcome.recovered).most_common()),
        "recover_ms": _recovery(outcome.recovered),
        "requests": outcome.requests,
        "refused": _refused(outcome.refused),
        "videos_ordered": outcome.orders,
        "control": outcome.control.told() if outcome.control else None,
        "good": outcome.good,
        "seed": seed,
        "minutes": minutes,
        "seconds_of_deaths": round(outcome.seconds),
        "command": command,
        "faults": outcome.verdict.faults[: kill.SHOWN_FAULTS],
        "machine": {
            "cpus": os.cpu_count(),
            "system": f"{platform.system()} {platform.machine()}",
            "python": platform.python_version(),
            "nginx": _nginx_version(),
        },
    }


def table(report: dict[str, Any]) -> str:
    """The same, to be read."""
    must = {*MUST_BE_ZERO, "refused_in_peace"}
    lines = [f"  {words:<48} {report[name]:>8}{kill.mark(report[name], name in must)}" for name, words in WORDS.items()]
    lines += [
        f"  {'live streams through nginx':<48} {report['clients']:>8} of {report['subjects']} subjects",
        f"  {'streams opened, updates shown':<48} {report['streams_opened']:>8} {report['updates_shown']:>8}",
        f"  {'webhooks refused by nginx, or without an answer':<48} {sum(report['refused'].values()):>8}"
        f" {report['refused'] or ''}",
    ]
    for kind, took in report["recover_ms"].items():
        name = f"{kind}, times; 200 after, p50 and longest"
        there = f"(there again after {took['there_p50']} ms)"
        lines.append(f"  {name:<48} {took['times']:>8} {took['p50']:>6} ms {took['max']:>6} ms  {there}")
    return "\n".join([f"Cluster test, seed {report['seed']}, {report['minutes']:g} minutes", *lines])


def _recovery(recovered: Sequence[Recovery]) -> dict[str, Any]:
    """From each death to the first webhook that was answered 200 through the proxy, and until all were there again."""
    by_kind = defaultdict(list)
    for each in recovered:
        by_kind[each.kind].append(each)
    return {kind: _times(some) for kind, some in sorted(by_kind.items())}


def _times(some: Sequence[Recovery]) -> dict[str, int]:
    took = kill.recovery([each.took_s for each in some])
    there = kill.recovery([each.there - each.died for each in some])
    return {"times": len(some), "p50": took["p50"], "max": took["max"], "there_p50": there["p50"]}


def _refused(refused: Sequence[Refused]) -> dict[str, int]:
    """By status; `no answer` is a connection that ended, or five seconds of silence."""
    counted = Counter(str(each.status) if each.status else "no answer" for each in refused)
    return dict(sorted(counted.items()))


def _nginx_version() -> str:
    done = subprocess.run([nginx_binary() or "nginx", "-v"], capture_output=True, text=True, timeout=20)
    return done.stderr.strip().rpartition("/")[2]

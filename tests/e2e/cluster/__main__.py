"""`python -m tests.e2e.cluster --minutes 5 --seed 7`: it prints a table and writes bench/results/cluster-test.json."""

import argparse
import asyncio
import json
import random
import resource
import sys
from pathlib import Path

from tests.e2e.cluster.report import table, told
from tests.e2e.cluster.run import run
from tests.e2e.cluster.servers import missing
from tests.e2e.kill.scene import ROOT

RESULTS = ROOT / "bench" / "results"


def main() -> int:
    """The exit code: 0, or 1 when something that must be 0 is not, or the control saw no loss."""
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.cluster", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", default=str(random.randrange(1_000_000)), help="the same seed is the same plan")
    parser.add_argument("--clients", type=int, default=1000, help="live streams through the proxy")
    parser.add_argument("--out", type=Path, default=RESULTS / "cluster-test.json")
    given = parser.parse_args()
    if absent := missing():
        _say(f"The cluster test needs {absent}")
        return 1
    clients = f' ARGS="--clients {given.clients}"' if given.clients != 1000 else ""
    command = f"make cluster-test MINUTES={given.minutes:g} SEED={given.seed}{clients}"
    _say(f"{command}   (this repeats it)")
    allow_many_files()
    keep = given.out.with_suffix(".worlds")
    outcome = asyncio.run(run(given.seed, given.minutes * 60, given.clients, _say, keep=keep))
    report = told(outcome, seed=given.seed, minutes=given.minutes, command=command)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(report, indent=2) + "\n")
    for fault in [*report["faults"], *outcome.refused_in_peace]:
        _say(f"  {fault}")
    print(table(report))
    return 0 if outcome.good else 1


def allow_many_files() -> None:
    """Every stream is a descriptor, and the usual limit is 1024."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

"""`python -m tests.e2e.load --minutes 5 --seed 7`: it prints a table and writes bench/results/load-test.json."""

import argparse
import asyncio
import json
import random
import sys
from pathlib import Path

from tests.e2e.cluster.__main__ import RESULTS, allow_many_files
from tests.e2e.cluster.servers import missing
from tests.e2e.load.day import Size
from tests.e2e.load.report import table, told
from tests.e2e.load.run import run

USUAL = Size(seconds=300.0, boards=1000, batch=1000, orders=150, rate=20.0)


def main() -> int:
    """The exit code: 0, or 1 when something that must be 0 is not, or the control saw no loss."""
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.load", description=__doc__)
    parser.add_argument("--minutes", type=float, default=USUAL.seconds / 60)
    parser.add_argument("--seed", default=str(random.randrange(1_000_000)), help="the same seed is the same day")
    parser.add_argument("--boards", type=int, default=USUAL.boards, help="people and operators who look")
    parser.add_argument("--batch", type=int, default=USUAL.batch, help="videos that are rendered at once")
    parser.add_argument("--orders", type=int, default=USUAL.orders, help="videos beside those")
    parser.add_argument("--rate", type=float, default=USUAL.rate, help="events a second beside those of videos")
    parser.add_argument("--bytes", type=int, help="length of every video; usually as short as can be")
    parser.add_argument("--no-deploy", action="store_true", help="no process is replaced")
    parser.add_argument("--cluster", action="store_true", help="nginx, 2 web and 2 worker processes, Postgres, Redis")
    parser.add_argument("--results", type=Path, default=RESULTS, help="a folder for the JSON")
    given = parser.parse_args()
    if given.cluster and (absent := missing()):
        _say(f"the cluster needs {absent}")
        return 1
    size = Size(
        given.minutes * 60, given.boards, given.batch, given.orders, given.rate, given.bytes, not given.no_deploy
    )
    command = _command(given)
    _say(f"{command}   (this repeats it)")
    allow_many_files()
    name = "load-test-cluster" if given.cluster else "load-test"
    out = given.results / f"{name}.json"
    outcome = asyncio.run(run(given.seed, size, many=given.cluster, say=_say, keep=out.with_suffix(".worlds")))
    target = "2 web and 2 worker processes with Postgres" if given.cluster else "one process with SQLite"
    report = told(outcome, seed=given.seed, command=command, target=target)
    given.results.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(report, indent=2) + "\n")
    for fault in report["faults"]:
        _say(f"  {fault}")
    print(table(report))
    return 0 if outcome.good else 1


def _command(given: argparse.Namespace) -> str:
    own = ("boards", "batch", "orders", "rate", "bytes")
    more = [f"--{name} {value}" for name in own if (value := getattr(given, name)) != getattr(USUAL, name)]
    more += ["--no-deploy"] * given.no_deploy + ["--cluster"] * given.cluster
    arguments = f' ARGS="{" ".join(more)}"' if more else ""
    return f"make load-test MINUTES={given.minutes:g} SEED={given.seed}{arguments}"


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

"""`python -m tests.e2e.kill --minutes 10 --seed 7`: run it, print the table, write bench/results/kill-test.json."""

import argparse
import asyncio
import json
import random
import sys
import tempfile
from pathlib import Path

from tests.e2e.kill.cut import build
from tests.e2e.kill.report import table, told
from tests.e2e.kill.run import run
from tests.e2e.kill.scene import ROOT

RESULTS = ROOT / "bench" / "results"


def main() -> int:
    """The exit code: 0, or 1 when something that must be 0 is not, or the control saw no loss."""
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.kill", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", default=str(random.randrange(1_000_000)), help="the same seed is the same plan")
    parser.add_argument("--out", type=Path, default=RESULTS / "kill-test.json")
    given = parser.parse_args()
    command = f"make kill-test MINUTES={given.minutes:g} SEED={given.seed}"
    _say(f"{command}   (this repeats it)")
    with tempfile.TemporaryDirectory(prefix="reelhook-kill-") as folder:
        library = build(Path(folder))
        outcome = asyncio.run(run(library, given.seed, given.minutes, _say, keep=given.out.with_suffix(".worlds")))
    report = told(outcome, seed=given.seed, minutes=given.minutes, command=command)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(report, indent=2) + "\n")
    print(table(report))
    return 0 if outcome.good else 1


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

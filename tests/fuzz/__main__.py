"""`make fuzz SECONDS=60`: all of it, again and again with other randomness, until the time is over.

The first thing that stumbles ends it, with the seed and the input that did it.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

from tests.fuzz.api import told
from tests.fuzz.scene import asked
from tests.fuzz.targets import TARGETS, attack

EXAMPLES = 500


def main() -> None:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=None, help="repeats the requests to the API")
    wanted = parser.parse_args()
    first = wanted.seed if wanted.seed is not None else int.from_bytes(os.urandom(4), "big")
    until, rounds = time.monotonic() + wanted.seconds, 0
    while time.monotonic() < until:
        print(f"round {rounds + 1}, seed {first + rounds}", flush=True)
        for name in TARGETS:
            attack(name, EXAMPLES)
        with tempfile.TemporaryDirectory() as folder:
            print(told(asked(Path(folder), first + rounds, examples=3, until=until)), flush=True)
        rounds += 1
    print(f"{rounds} rounds, {EXAMPLES} inputs for each of {len(TARGETS)} targets in each, and nothing stumbled")


if __name__ == "__main__":
    main()

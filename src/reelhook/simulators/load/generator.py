"""Running the generator in a process of its own, on cores of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Collection
from dataclasses import asdict

from reelhook.simulators.load.outcome import Outcome
from reelhook.simulators.load.plan import Plan

SPARE_S = 60.0
COMPLAINT = 1000


def generate(plan: Plan, cores: Collection[int] = ()) -> Outcome:
    """Carry out *plan* on these *cores* (none given: wherever the system likes).

    Raises *RuntimeError* with what it complained of when the generator fails.
    """
    done = subprocess.run(
        [sys.executable, "-m", "reelhook.simulators.load"],
        input=json.dumps(asdict(plan)),
        capture_output=True,
        text=True,
        timeout=plan.warm_s + plan.seconds + SPARE_S,
        preexec_fn=(lambda: os.sched_setaffinity(0, cores)) if cores else None,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"the load generator failed: {done.stderr.strip()[-COMPLAINT:]}")
    told = json.loads(done.stdout)
    return Outcome(**told | {"wrong": tuple(told["wrong"])})

"""The generator's process: a plan comes on stdin and its outcome goes to stdout, both as JSON."""

import gc
import json
import sys
from dataclasses import asdict

import uvloop

from reelhook.simulators.load.driving import Closed, Drive, Open
from reelhook.simulators.load.outcome import Outcome
from reelhook.simulators.load.plan import Plan


def main() -> None:
    """Without the garbage collector: its pauses would be told as the server's."""
    plan = Plan(**json.load(sys.stdin))
    drive = Closed(plan) if plan.rate is None else Open(plan)
    gc.disable()
    print(json.dumps(asdict(uvloop.run(_driven(drive)))))


async def _driven(drive: Drive) -> Outcome:
    return await drive.run()


if __name__ == "__main__":
    main()

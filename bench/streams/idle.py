"""What 1,000 streams cost on which nothing happens but heartbeats: `python -m bench.streams.idle`.

`core` is the share of one core that the service uses, over two heartbeats of each stream. The same without
streams is told beside it.
"""

import time
from functools import partial

from bench.kit import Given, Reach, Report, given, take_turns
from bench.kit.rounds import Figures
from bench.streams.client import Streams, be_client
from bench.streams.processes import cpu_s
from bench.streams.service import running

SETTLE_S = 5.0
WITH, WITHOUT = "1,000 streams", "no streams"


def main() -> None:
    settings = given(__doc__, rounds=3, seconds=41)
    report(settings).write(settings)


def report(given: Given) -> Report:
    be_client()
    ways = {name: partial(measure, many, given.seconds) for name, many in ((WITHOUT, 0), (WITH, 1_000))}
    rounds = take_turns(ways, given.rounds)
    reaches = (Reach(WITH, "core", at_most=0.02),)
    return Report("streams.idle", "An idle service", rounds, reaches, "core", "of a core")


def measure(many: int, seconds: float) -> Figures:
    with running() as service, Streams(service.port) as streams:
        streams.open([service.ask()] * many)
        streams.receive_for(SETTLE_S)
        cpu, began = cpu_s(service.pid), time.perf_counter()
        streams.receive_for(seconds)
        return {"core": (cpu_s(service.pid) - cpu) / (time.perf_counter() - began), "open": float(len(streams))}


if __name__ == "__main__":
    main()

"""How soon one update reaches 10,000 streams, and what an open stream weighs: `python -m bench.streams.fanout`.

Compared with nginx and nchan, which is written in C and keeps messages in memory alone. `last_ms` runs from the request
that makes the update until the last stream has it: ours is committed to the disk first. `spread_ms` runs from the first
stream that has it to the last, `cpu_us` is the server's processor time for each stream. Memory is that of the processes
(what they share counted once), without the kernel's buffers: `idle_kib` when all streams are open, `after_kib` when
they have been told of so many updates.
"""

import statistics
import time
from functools import partial

from bench.kit import Given, Reach, Report, given, take_turns
from bench.kit.rounds import Figures
from bench.streams.client import Streams, be_client, require_idle
from bench.streams.processes import cpu_s, memory, own_s
from bench.streams.servers import OURS, WITH_NCHAN, Server, Start, starts
from bench.streams.teller import Teller

STREAMS = 10_000
WARM = 3  # updates that do not count
SETTLE_S = 1.0
PAUSE_S = 0.2
LIMIT_S = 30.0


def main() -> None:
    settings = given(__doc__)
    report(settings).write(settings)


def report(given: Given) -> Report:
    be_client()
    ways = {name: partial(measure, start, given.seconds) for name, start in starts(WITH_NCHAN, OURS).items()}
    rounds = take_turns(ways, given.rounds)
    reaches = [
        Reach(OURS, "last_ms", WITH_NCHAN, at_most=1.3),
        Reach(OURS, "spread_ms", WITH_NCHAN),
        Reach(OURS, "cpu_us", WITH_NCHAN),
        Reach(OURS, "idle_kib", WITH_NCHAN, at_most=1.2),
        Reach(OURS, "after_kib", WITH_NCHAN, at_most=1.2),
    ] * (WITH_NCHAN in ways)
    title = f"One update to {STREAMS:,} streams"
    return Report("streams.fanout", title, rounds, reaches, "last_ms", "ms until the last has it")


def measure(start: Start, seconds: float) -> Figures:
    with start() as server, Streams(server.port) as streams:
        before = memory(server.pid)
        opened_s = streams.open([server.ask] * STREAMS)
        streams.receive_for(SETTLE_S)
        idle = memory(server.pid) - before
        told = _tell(server, streams, seconds)
        after = memory(server.pid) - before
    return told | {"opened_s": opened_s, "idle_kib": idle / STREAMS / 1024, "after_kib": after / STREAMS / 1024}


def _tell(server: Server, streams: Streams, seconds: float) -> dict[str, float]:
    with Teller(streams, server.port, connections=1) as teller:
        for number in range(WARM):
            _burst(server, streams, teller, number)
        found, until = [_burst(server, streams, teller, WARM)], time.perf_counter() + seconds
        while time.perf_counter() < until:
            found.append(_burst(server, streams, teller, WARM + len(found)))
    figures = {name: statistics.median(one[name] for one in found) for name in found[0]}
    require_idle(figures["client"])
    return figures


def _burst(server: Server, streams: Streams, teller: Teller, number: int) -> dict[str, float]:
    """One update, until everyone has it."""
    streams.receive_for(PAUSE_S)
    del streams.times[:]
    cpu, own, began = cpu_s(server.pid), own_s(), time.perf_counter()
    teller.tell(server.tell(number))
    streams.receive(lambda: len(streams.times) >= STREAMS, limit_s=LIMIT_S)
    first, last = streams.times[0], streams.times[-1]
    return {
        "last_ms": (last - began) * 1000,
        "spread_ms": (last - first) * 1000,
        "cpu_us": (cpu_s(server.pid) - cpu) / STREAMS * 1e6,
        "client": (own_s() - own) / (last - began),
    }


if __name__ == "__main__":
    main()

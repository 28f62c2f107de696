"""How many deliveries a second 1,000 streams can take: `python -m bench.streams.sustained`.

So many updates are under way at any time: the next is asked for when all streams have the oldest. Each of ours is
committed to the disk before it is sent; the others keep it in memory or nowhere. `cpu_us` is the server's processor
time for each delivery, and `core_per_s` how many of that cost fill a core in a second. They are compared by that: the
quicker ones have time left, because to receive a delivery costs the client's core about as much as to send it.
"""

import time
from functools import partial

from bench.kit import Given, Reach, Report, given, take_turns
from bench.kit.rounds import Figures, Unreliable
from bench.streams.client import Streams, be_client
from bench.streams.processes import cpu_s, own_s
from bench.streams.servers import BETTER_SSE, OURS, SSE_STARLETTE, WITH_NCHAN, Start, starts
from bench.streams.teller import Teller

STREAMS = 1_000
UNDER_WAY = 8
WARM_S = 1.0


def main() -> None:
    settings = given(__doc__)
    report(settings).write(settings)


def report(given: Given) -> Report:
    be_client()
    wanted = starts(WITH_NCHAN, OURS, BETTER_SSE, SSE_STARLETTE)
    ways = {name: partial(measure, start, given.seconds) for name, start in wanted.items()}
    least = {WITH_NCHAN: 0.7, BETTER_SSE: 1, SSE_STARLETTE: 1}
    reaches = [Reach(OURS, "core_per_s", name, at_least=of) for name, of in least.items() if name in ways]
    rounds = take_turns(ways, given.rounds)
    title = f"Deliveries a second to {STREAMS:,} streams"
    return Report("streams.sustained", title, rounds, reaches, "core_per_s", "a second and core")


def measure(start: Start, seconds: float) -> Figures:
    with start() as server, Streams(server.port) as streams:
        streams.open([server.ask] * STREAMS)
        with Teller(streams, server.port, connections=UNDER_WAY) as teller:

            def go_on(until: float) -> None:
                while time.perf_counter() < until:
                    while teller.sent < len(streams.times) // STREAMS + UNDER_WAY:
                        teller.tell(server.tell(teller.sent))
                    streams.turn(until - time.perf_counter())

            go_on(time.perf_counter() + WARM_S)
            many, began = len(streams.times), time.perf_counter()
            cpu, own = cpu_s(server.pid), own_s()
            go_on(began + seconds)
            took, came = time.perf_counter() - began, len(streams.times) - many
            cpu, own = cpu_s(server.pid) - cpu, own_s() - own
            streams.receive(lambda: len(streams.times) >= teller.sent * STREAMS, limit_s=30)
    if not came:
        raise Unreliable(f"nothing came in {took:g} s")
    return {"core_per_s": came / cpu, "cpu_us": cpu / came * 1e6, "per_s": came / took, "client": own / took}


if __name__ == "__main__":
    main()

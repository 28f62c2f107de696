"""How many deliveries a second 1,000 streams can take: `python -m bench.streams.sustained`.

So many updates are under way at any time: the next is asked for when all streams have the oldest. Each of ours is
committed to the disk before it is sent; the others keep it in memory or nowhere. `cpu_us` is the server's processor
time for each delivery.
"""

import time
from functools import partial

from bench.kit import Given, Reach, Report, given, take_turns
from bench.kit.rounds import Figures, Unreliable
from bench.streams import servers
from bench.streams.client import Streams, be_client
from bench.streams.fanout import BUSIEST
from bench.streams.processes import cpu_s
from bench.streams.servers import Start
from bench.streams.teller import Teller

STREAMS = 1_000
UNDER_WAY = 8
WARM_S = 1.0
OURS, NCHAN, BETTER_SSE, SSE_STARLETTE = "Reelhook", "nginx + nchan", "better-sse", "sse-starlette"
STARTS = {
    NCHAN: servers.nchan,
    OURS: servers.reelhook,
    BETTER_SSE: servers.better_sse,
    SSE_STARLETTE: servers.sse_starlette,
}


def main() -> None:
    settings = given(__doc__)
    report(settings).write(settings)


def report(given: Given) -> Report:
    be_client()
    ways = {name: partial(measure, start, given.seconds) for name, start in STARTS.items()}
    reaches = (
        Reach(OURS, "per_s", NCHAN, at_least=0.7),
        Reach(OURS, "per_s", BETTER_SSE, at_least=1),
        Reach(OURS, "per_s", SSE_STARLETTE, at_least=1),
        Reach(OURS, "cpu_us", NCHAN),
    )
    rounds = take_turns(ways, given.rounds)
    title = f"Deliveries a second to {STREAMS:,} streams"
    return Report("streams.sustained", title, rounds, reaches, "per_s", "a second")


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
            cpu, own = cpu_s(server.pid), time.process_time()
            go_on(began + seconds)
            took, came = time.perf_counter() - began, len(streams.times) - many
            figures = {
                "per_s": came / took,
                "cpu_us": (cpu_s(server.pid) - cpu) / max(came, 1) * 1e6,
                "client_cpu": (time.process_time() - own) / took,
            }
            streams.receive(lambda: len(streams.times) >= teller.sent * STREAMS, limit_s=30)
    if figures["client_cpu"] > BUSIEST:
        raise Unreliable(f"the client used {figures['client_cpu']:.0%} of its core")
    return figures


if __name__ == "__main__":
    main()

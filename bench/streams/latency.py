"""How soon a delivery is seen on open streams: `python -m bench.streams.latency`.

From when a signed delivery should have been sent until its video's last update has come out of every stream: in
between are the front door, its commit, the worker, its commit, and the hub. On an idle service, at 500 deliveries a
second, and with 100 people whose boards are open and are looked at anew now and then. Deliveries begin on time, whether
the service keeps up or not.
"""

import math
import re
import time
from dataclasses import dataclass
from functools import partial

from bench.kit import Given, Reach, Report, given, take_turns
from bench.kit.rounds import Figures
from bench.streams.client import Streams, be_client, require_idle
from bench.streams.processes import cpu_s, own_s
from bench.streams.service import running
from bench.streams.teller import Steady, Teller
from bench.streams.wire import failure, request

WARM_S = 2.0
LAST_S, LOOK_S = 15.0, 0.1
CONNECTIONS = 32
SETTLED = re.compile(rb'"heygen_video_id":"way-(\d+)"[^\n]*?"state":"failed"')


@dataclass(frozen=True)
class Way:
    """*rate* deliveries a second, *streams* that are open, and as many boards read a second as *reads*."""

    rate: float
    streams: int = 1
    reads: float = 0.1


IDLE, BUSY, BOARDS = "idle", "500 a second", "100 boards"
WAYS = {IDLE: Way(5), BUSY: Way(500), BOARDS: Way(50, streams=100, reads=10)}


def main() -> None:
    settings = given(__doc__)
    report(settings).write(settings)


def report(given: Given) -> Report:
    be_client()
    rounds = take_turns({name: partial(measure, way, given.seconds) for name, way in WAYS.items()}, given.rounds)
    reaches = (
        *(Reach(name, "p50_ms", at_most=25) for name in (IDLE, BUSY)),
        *(Reach(name, "p99_ms", at_most=100) for name in WAYS),
        *(Reach(name, "seen", at_least=0.999) for name in WAYS),
    )
    return Report("streams.latency", "From a delivery to the stream", rounds, reaches, "p99_ms", "ms (p99)")


class Seen:
    """When the last of *streams* streams had the end of each video."""

    def __init__(self, streams: int) -> None:
        self._streams = streams
        self._left: dict[int, int] = {}
        self.at: dict[int, float] = {}

    def __call__(self, _: int, data: bytes, now: float) -> None:
        for found in SETTLED.finditer(data):
            number = int(found[1])
            left = self._left[number] = self._left.get(number, self._streams) - 1
            if not left:
                self.at[number] = now


def measure(way: Way, seconds: float) -> Figures:
    seen = Seen(way.streams)
    with running() as service, Streams(service.port, seen) as streams:
        streams.open([service.ask()] * way.streams)
        board = request("GET /api/v1/videos", f"authorization: Bearer {service.key}")
        with Teller(streams, service.port, CONNECTIONS) as teller, Teller(streams, service.port, 4) as readers:
            deliveries = Steady(teller, way.rate, lambda number: failure(f"way-{number}"))
            reads = Steady(readers, way.reads, lambda _: board)
            streams.before_waiting = lambda: min(deliveries(), reads())
            cpu, own, began = cpu_s(service.pid), own_s(), time.perf_counter()
            streams.receive_for(WARM_S + seconds)
            own = (own_s() - own) / (time.perf_counter() - began)
            streams.before_waiting = lambda: LOOK_S
            _wait_for_the_last(streams, seen, len(deliveries.due))
            now, cpu = time.perf_counter(), cpu_s(service.pid) - cpu
    require_idle(own)
    counted = list(enumerate(deliveries.due))[int(way.rate * WARM_S) :]
    took = sorted(seen.at.get(number, now) - due for number, due in counted)
    return {
        "p50_ms": took[len(took) // 2] * 1000,
        "p99_ms": took[math.ceil(len(took) * 0.99) - 1] * 1000,
        "seen": sum(number in seen.at for number, _ in counted) / len(took),
        "server_cpu": cpu / (now - began),
        "cpu_ms_each": cpu / len(deliveries.due) * 1000,
        "client": own,
    }


def _wait_for_the_last(streams: Streams, seen: Seen, many: int) -> None:
    """What was not seen then has taken at least so long."""
    until = time.perf_counter() + LAST_S
    while len(seen.at) < many and time.perf_counter() < until:
        streams.turn(LOOK_S)


if __name__ == "__main__":
    main()

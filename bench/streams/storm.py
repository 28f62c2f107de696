"""10,000 people whose server is started anew come back at once: `python -m bench.streams.storm`.

They wait for their own videos. The server ends; while nobody is connected, each of them misses an update; then all
come back with their Last-Event-ID. `resumed_s` is until everybody has what they missed. Deliveries come at a steady
rate meanwhile, as they did before the storm, when the same streams were open.
"""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from bench.kit import Given, Reach, Report, given, take_turns
from bench.kit.rounds import Figures
from bench.streams.client import Streams, be_client
from bench.streams.service import running
from bench.streams.teller import Steady, Teller
from bench.streams.viewers import MOST_STREAMS, SUBJECTS, Viewers
from bench.streams.wire import failure

STREAMS = 10_000
RATE = 20.0
CONNECTIONS = 20
LIMIT_S = 120.0
SETTLE_S, LOOK_S = 2.0, 0.1
STORM = "after a restart"


def main() -> None:
    settings = given(__doc__, rounds=3, seconds=15)
    report(settings).write(settings)


def report(given: Given) -> Report:
    be_client()
    rounds = take_turns({STORM: partial(measure, given.seconds)}, given.rounds)
    reaches = (Reach(STORM, "resumed_s", at_most=15), Reach(STORM, "p99_ms", STORM, "calm_p99_ms", at_most=3))
    title = f"{STREAMS:,} streams come back after a restart"
    return Report("streams.storm", title, rounds, reaches, "resumed_s", "s until all have resumed")


def measure(seconds: float) -> Figures:
    with running(streams_per_person=MOST_STREAMS) as service:
        viewers = Viewers.of(service)
        with Streams(service.port) as streams:
            streams.open(viewers.asks(STREAMS))
            streams.receive_for(SETTLE_S)
            with _deliveries(streams, service.port, "calm") as calm:
                streams.receive_for(seconds)
            seen = service.head()
            service.server.stop()
        with service.again() as anew, Streams(anew.port) as streams:
            for number in range(SUBJECTS):
                service.send(service.title(viewers.videos, number), anew.port)
            with _deliveries(streams, anew.port, "storm") as storm:
                began = time.perf_counter()
                opened_s = streams.open(viewers.asks(STREAMS, seen), limit_s=LIMIT_S)
                streams.receive(lambda: len(streams.times) >= STREAMS, limit_s=LIMIT_S)
                resumed_s = time.perf_counter() - began
    return {
        "opened_s": opened_s,
        "resumed_s": resumed_s,
        "p99_ms": _p99_ms(storm.took),
        "calm_p99_ms": _p99_ms(calm.took),
    }


@contextmanager
def _deliveries(streams: Streams, port: int, name: str) -> Iterator[Teller]:
    """Deliveries at a steady rate, and in the end an answer to all of them."""
    with Teller(streams, port, CONNECTIONS) as teller:
        streams.before_waiting = Steady(teller, RATE, lambda number: failure(f"{name}-{number}"))
        yield teller
        streams.before_waiting = lambda: LOOK_S
        streams.receive(lambda: teller.answered == teller.sent, limit_s=LIMIT_S)


def _p99_ms(took: list[float]) -> float:
    return sorted(took)[math.ceil(len(took) * 0.99) - 1] * 1000


if __name__ == "__main__":
    main()

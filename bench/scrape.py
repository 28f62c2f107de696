"""What a scrape and a probe each second cost the front door: `python -m bench.scrape`.

One real server on SQLite takes as many signed webhooks as it can from 16 connections, with and without a read of
/metrics and /readyz each second. No worker runs, so that jobs pile up: the gauges look at all they may.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2 as httpx

from bench.kit import Process, Reach, Report, given, take_turns
from bench.kit.loading import load
from bench.kit.rounds import Figures
from bench.kit.servers import folder, reelhook
from reelhook.simulators.load import Plan

CONNECTIONS, EVERY_S = 16, 1.0
WITHOUT, WITH = "not looked at", "looked at each second"


def main() -> None:
    settings = given(__doc__, rounds=20, seconds=3)
    plan = Plan(port=0, seconds=settings.seconds, connections=CONNECTIONS)
    with folder() as at, reelhook(Path(at), "--no-worker", metrics_allow="127.0.0.1") as server:
        ways = {WITHOUT: lambda: load(server, plan), WITH: lambda: _looked_at(server, plan)}
        rounds = take_turns(ways, settings.rounds)
    reaches = [Reach(WITH, "p99_ms", WITHOUT), Reach(WITH, "per_s", WITHOUT), Reach(WITH, "longest_scrape_ms")]
    Report("scrape", "What a scrape costs the front door", rounds, reaches, "p99_ms", "p99 in ms").write(settings)


def _looked_at(server: Process, plan: Plan) -> Figures:
    with _looking(server) as scrapes:
        figures = load(server, plan)
    return {**figures, "longest_scrape_ms": max(scrapes) * 1000}


@contextmanager
def _looking(server: Process) -> Iterator[list[float]]:
    """Look at once and then each second, inside this block; how long each scrape took is in the list afterwards."""
    took: list[float] = []
    done = threading.Event()

    def look() -> None:
        with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", timeout=10) as client:
            while True:
                began = time.perf_counter()
                client.get("/metrics").raise_for_status()
                took.append(time.perf_counter() - began)
                client.get("/readyz").raise_for_status()
                if done.wait(max(0.0, EVERY_S - (time.perf_counter() - began))):
                    return

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield took
    finally:
        done.set()
        looking.join()


if __name__ == "__main__":
    main()

"""What tracing costs: `.venv/bin/python -m bench.tracing [--json FILE]`.

Deliveries go through the inbox into an SQLite file and wait for their commit, 32 at a time. Each way is measured in a
process of its own, all of them three times in turns (A B C D A B C D); the least CPU time counts. `off`: as it comes;
`on`: a collector takes the spans; `gone`: nobody listens there; `unwanted`: the sampler wants none.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import collecting

from reelhook import collector, logs, tracing
from reelhook.db import Database
from reelhook.db.schema import prepare
from reelhook.inbox import Arrival, Inbox
from reelhook.jobs import Queue
from reelhook.kit.clock import SystemClock
from reelhook.kit.ids import Ids

WAYS = ("off", "on", "gone", "unwanted")
TURNS, DELIVERIES, AT_ONCE, CALLS = 3, 4000, 32, 200_000


async def deliver(inbox: Inbox, clock: SystemClock, first: int) -> None:
    for number in range(first, DELIVERIES, AT_ONCE):
        about: tracing.Attributes = {"endpoint": "bench", "event_type": "avatar_video.success"}
        arrival = Arrival("bench", "webhook", b"%d" % number, (), clock.now(), "avatar_video.success")
        with tracing.span("delivery", "server", since=arrival.received_at, about=about):
            receipt = await inbox.accept(arrival)
            tracing.note(event_id=receipt.event_id, duplicate=receipt.duplicate)


async def deliveries(folder: str) -> float:
    """CPU time of one delivery, in microseconds."""
    clock, db = SystemClock(), Database(f"sqlite:///{folder}/bench.db")
    db.migrate(prepare)
    ids = Ids(clock)
    inbox = Inbox(db, ids, Queue(clock, ids))
    began = time.process_time()
    await asyncio.gather(*(deliver(inbox, clock, number) for number in range(AT_ONCE)))
    took = time.process_time() - began
    db.close()
    return took / DELIVERIES * 1e6


def one_span() -> float:
    """CPU time of a span with a note, in microseconds."""
    calls = CALLS if tracing.carried() is None and not os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") else CALLS // 20
    began = time.process_time()
    for _ in range(calls):
        with tracing.span("one", about={"attempt": 1}):
            tracing.note(outcome="done")
    return (time.process_time() - began) / calls * 1e6


def measure(way: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder, collector.told(way != "off"):
        delivery = asyncio.run(deliveries(folder))
        return {"delivery_us": round(delivery, 1), "span_us": round(one_span(), 2)}


@contextmanager
def environment(way: str) -> Iterator[dict[str, str]]:
    if way == "on":
        with collecting.collector() as heard:
            yield os.environ | {"OTEL_EXPORTER_OTLP_ENDPOINT": heard.endpoint}
    else:
        gone = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
        yield os.environ | {"off": {}, "gone": gone, "unwanted": gone | {"OTEL_TRACES_SAMPLER": "always_off"}}[way]


def run() -> dict[str, dict[str, float]]:
    found: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    for way in WAYS * TURNS:
        with environment(way) as variables:
            words = [sys.executable, "-m", "bench.tracing", "--one", way]
            done = subprocess.run(words, env=variables, capture_output=True, text=True, check=True)  # noqa: S603
        found[way].append(json.loads(done.stdout))
    return {way: {name: min(turn[name] for turn in turns) for name in turns[0]} for way, turns in found.items()}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--json", type=Path, help="also write the figures here")
    arguments.add_argument("--one", help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.one:
        logs.configure("json")  # to stderr: stdout is for the figures
        print(json.dumps(measure(chosen.one)))
        return
    result = run()
    for way, costs in result.items():
        print(f"{way}: {costs['delivery_us']} µs CPU for a delivery, {costs['span_us']} µs for a span")
    if chosen.json:
        chosen.json.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()

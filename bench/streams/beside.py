"""What open streams and a worker that archives take from the front door: `python -m bench.streams.beside`.

100 connections send deliveries as fast as they are answered, to `reelhook serve` on SQLite. Alone nobody watches, and
there is nothing to archive. Beside, 5,000 streams of people are open who wait for their own videos, and
two large files are downloaded at 5 MB/s each. In both the worker in the same process applies what comes. The same
`apart`: the worker is a process of its own, on the same Postgres and Redis as the server.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from functools import partial

from bench.kit import Given, Process, Reach, Report, given, take_turns
from bench.kit.loading import load
from bench.kit.rounds import Figures
from bench.streams.client import Streams, be_client
from bench.streams.service import Service, running, running_apart
from bench.streams.slow_files import slow_files
from bench.streams.viewers import MOST_STREAMS, Viewers
from bench.streams.wire import success
from reelhook.simulators.load import Plan

STREAMS, FILES = 5_000, 2
LIMIT_S = 60.0
BARE, ALONE, BESIDE = "without worker", "alone", "beside"
ALONE_APART, BESIDE_APART = "apart, alone", "apart, beside"
Start = Callable[..., AbstractContextManager[Service]]


def main() -> None:
    settings = given(__doc__)
    report(settings).write(settings)


def report(given: Given) -> Report:
    be_client()
    plan = Plan(port=0, event_type="avatar_video.fail", seconds=given.seconds)
    ways = {
        BARE: partial(_alone, plan, running, "--no-worker"),
        ALONE: partial(_alone, plan, running),
        BESIDE: partial(_beside, plan, running),
        ALONE_APART: partial(_alone, plan, running_apart),
        BESIDE_APART: partial(_beside, plan, running_apart),
    }
    rounds = take_turns(ways, given.rounds)
    reaches = (
        Reach(BESIDE, "per_s", ALONE, at_least=0.7),
        Reach(BESIDE_APART, "per_s", ALONE_APART, at_least=0.7),
        Reach(BESIDE, "per_s", BARE),
    )
    title = f"Deliveries a second beside {STREAMS:,} streams and a worker that archives"
    return Report("streams.beside", title, rounds, reaches, "per_s", "a second")


def _alone(plan: Plan, start: Start, *words: str) -> Figures:
    with start(*words) as service:
        return load(service.server, plan)


def _beside(plan: Plan, start: Start) -> Figures:
    with ExitStack() as stack:
        files = stack.enter_context(slow_files())
        settings = {"fetch_allow": f"127.0.0.1:{files}", "streams_per_person": MOST_STREAMS}
        service = stack.enter_context(start(**settings))
        streams = stack.enter_context(Streams(service.port))
        streams.open(Viewers.of(service).asks(STREAMS))
        for number in range(FILES):
            service.send(success(f"large-{number}", f"http://127.0.0.1:{files}/{number}.mp4"))
            service.reached(f"large-{number}", "archiving")
        return _loaded(service.server, plan, streams)


def _loaded(server: Process, plan: Plan, streams: Streams) -> Figures:
    """The figures of *plan*, which a process of its own carries out; what comes on the streams meanwhile is read."""
    with ThreadPoolExecutor(1) as pool:
        loading = pool.submit(load, server, plan)
        streams.receive(loading.done, limit_s=plan.warm_s + plan.seconds + LIMIT_S)
        return loading.result()


if __name__ == "__main__":
    main()

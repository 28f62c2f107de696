"""Whether anything costs more when the database holds more: `python -m bench.size`, or with `--events 10000000`.

The same is asked of histories (`bench/history`) of a thousand events and of more, in turns: deliveries through the
front door's whole ASGI app, new ones and repeats, 50 at once; their application; and each question of the web app, of
Prometheus and of the service itself. What counts is the processor's time in this process, SQLite's included. All
histories are of the same age and have the same last day, so that one is larger, and not busier, than the other.
"""

import asyncio
import sqlite3
import statistics
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AsyncExitStack, closing, contextmanager
from pathlib import Path

import uvloop

from bench.history import history, running
from bench.history.asked import Question, questions
from bench.history.deliveries import deliveries
from bench.kit import Given, Reach, Report, options, take_turns
from bench.kit.rounds import Way
from reelhook import logs
from reelhook.db.tables import metadata, numbers

SMALL, LARGE = 1_000, 1_000_000
LONGEST_ASKED_S = 1.0  # in one turn


def main() -> None:
    parser = options(__doc__, rounds=5, seconds=0)
    parser.add_argument("--events", type=int, nargs="+", default=[LARGE], help=f"beside a thousand ({LARGE})")
    read = parser.parse_args()
    logs.configure("json", "error")
    given = Given(read.rounds, read.seconds, read.results, f" --events {' '.join(map(str, read.events))}")
    report(given, {size: history(size) for size in (SMALL, *read.events)}).write(given)


def report(given: Given, paths: Mapping[int, Path]) -> Report:
    """Each question of each history."""
    with _as_before(paths.values()), asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        services = AsyncExitStack()
        asked = loop.run(_opened(services, paths))
        try:
            ways = {_way(name, size): _measured(loop, one) for name, size, one in _each(asked)}
            rounds = take_turns(ways, given.rounds)
        finally:
            loop.run(services.aclose())
    reaches = [_reach(name, size, one) for name, size, one in _each(asked) if size != SMALL]
    return Report("size", "Processor time by the size of the database", rounds, reaches, "us", "µs")


Asked = Mapping[int, Mapping[str, Question]]


async def _opened(services: AsyncExitStack, paths: Mapping[int, Path]) -> Asked:
    """The questions to a service on each of them; no worker runs beside what is measured."""
    asked = {}
    for size, path in paths.items():
        heygen = await services.enter_async_context(running(path))
        asked[size] = {**deliveries(heygen.service), **await questions(heygen.service)}
    return asked


def _each(asked: Asked) -> Iterator[tuple[str, int, Question]]:
    """The same question to each size, and then the next."""
    return ((name, size, asked[size][name]) for name in asked[SMALL] for size in asked)


def _way(name: str, size: int) -> str:
    return f"{name} ({size:,})"


def _reach(name: str, size: int, question: Question) -> Reach:
    return Reach(_way(name, size), "us", _way(name, SMALL), at_most=question.at_most)


def _measured(loop: asyncio.Runner, question: Question) -> Way:
    """The median of some answers, or one answer where that takes long."""

    async def some() -> dict[str, float]:
        costs: list[float] = []
        begun = time.perf_counter()
        while len(costs) < question.most_asked and (not costs or time.perf_counter() - begun < LONGEST_ASKED_S):
            worked = time.process_time()
            many = await question.ask()
            costs.append((time.process_time() - worked) / (many or 1) * 1e6)
        return {"us": statistics.median(costs)}

    return lambda: loop.run(some())


@contextmanager
def _as_before(paths: Iterable[Path]) -> Iterator[None]:
    """Inside, rows may be added, which are taken away at the end: the histories are used again."""
    before = {path: _newest(path) for path in paths}
    try:
        yield
    finally:
        for path, newest in before.items():
            with closing(sqlite3.connect(path)) as conn:
                for table, last in newest.items():
                    conn.execute(f"DELETE FROM {table} WHERE rowid > ?", (last,))  # noqa: S608 - ours
                conn.commit()


def _newest(path: Path) -> dict[str, int]:
    with closing(sqlite3.connect(path)) as conn:
        tables = [table.name for table in metadata.sorted_tables if table is not numbers]  # which nothing here changes
        return {
            table: conn.execute(f"SELECT coalesce(max(rowid), 0) FROM {table}").fetchone()[0]  # noqa: S608 - ours
            for table in tables
        }


if __name__ == "__main__":
    main()

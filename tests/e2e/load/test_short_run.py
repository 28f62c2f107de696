"""The load test itself, for some seconds; `make load-test` is the long one. What is asserted is truth, never time."""

import os

from tests.e2e.cluster.__main__ import allow_many_files
from tests.e2e.cluster.control import Control
from tests.e2e.load.day import Size
from tests.e2e.load.outcome import Controlled
from tests.e2e.load.report import MUST, WORDS, table, told
from tests.e2e.load.run import run

SIZE = Size(seconds=10.0, boards=60, batch=40, orders=10, rate=15.0)


async def test_a_short_day_ends_well_for_every_video_and_on_every_board() -> None:
    allow_many_files()
    seed = os.environ.get("LOAD_SEED", os.urandom(3).hex())
    print(f"LOAD_SEED={seed} repeats this day")
    done = await run(seed, SIZE, many=False, say=print)
    assert done.faults == []
    assert done.verdict.videos > SIZE.batch + SIZE.orders
    assert done.verdict.acknowledged > 100
    assert done.figures["streams_opened"] > SIZE.boards, "streams ended and came back"
    assert done.figures["updates_shown"] > done.verdict.updates
    assert done.figures["deliveries_broken_off"] > 0
    assert len(done.replaced) == 1
    assert done.controlled == Controlled(Control(gaps=1, repeats=1, lost=1), ends_unseen=1), "it could not see a loss"
    report = told(done, seed=seed, command="make load-test", target="one process with SQLite")
    assert list(report)[:4] == ["acknowledged", "lost", "gaps", "repeats"]
    assert {name for name in MUST if report[name]} == set()
    assert report["tables"]["events"]["rows"] >= done.verdict.acknowledged
    assert report["tables"]["events"]["bytes"] > 0
    assert all(words in table(report) for words in WORDS.values())

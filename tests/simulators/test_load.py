"""The load generator: what it counts, what it signs, and that it leaves nothing out."""

import asyncio
import math
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from reelhook.events import Claim, Secret, matching, parse, signals
from reelhook.simulators.load import Histogram, Plan, generate
from reelhook.simulators.load.driving import Closed, Open

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
STALL_S = 0.3


def test_a_histogram_tells_the_percentiles_to_a_thousandth() -> None:
    dice, histogram = random.Random(3), Histogram()
    times = sorted(int(dice.lognormvariate(9, 3)) for _ in range(20_000))
    for one in times:
        histogram.record(one)
    for percent in (1, 50, 90, 99, 99.9, 100):
        exact = times[math.ceil(len(times) * percent / 100) - 1]
        assert histogram.percentile_us(percent) == pytest.approx(exact, rel=0.001), percent
    assert histogram.mean_us == pytest.approx(sum(times) / len(times))
    assert math.isnan(Histogram().percentile_us(50))


def test_deliveries_are_what_heygen_would_send_each_of_another_video() -> None:
    requests = list(Plan(port=1, secret="whsec_it", most=3).requests())
    videos = set()
    for request in requests:
        head, _, body = request.partition(b"\r\n\r\n")
        headers = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:])
        assert int(headers[b"content-length"]) == len(body)
        claim = Claim("signature", headers[b"signature"].decode())
        assert matching(body, [claim], [Secret("one", "whsec_it")]) is not None
        videos |= {signal.heygen_video_id for signal in signals(parse(body))}
    assert len(videos) == 3


@asynccontextmanager
async def server(*, stalls_after: int = -1, answer: bytes = ANSWER) -> AsyncIterator[int]:
    """Answers at once, but once keeps everybody waiting."""
    seen, gate, serving = 0, asyncio.Event(), list[Any]()
    gate.set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal seen
        serving.append(asyncio.current_task())
        while line := await reader.readline():
            if line != b"\r\n":
                continue
            seen += 1
            if seen == stalls_after:
                gate.clear()
                asyncio.get_running_loop().call_later(STALL_S, gate.set)
            await gate.wait()
            writer.write(answer)
        writer.close()
        await writer.wait_closed()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        yield listening.sockets[0].getsockname()[1]
        await asyncio.gather(*serving)


async def test_an_open_loop_counts_the_wait_of_those_who_would_have_come_meanwhile() -> None:
    async with server(stalls_after=20) as port:
        plan = Plan(port, method="OPTIONS", connections=2, rate=200, seconds=0.8, warm_s=0)
        outcome = await Open(plan).run()
    assert outcome.wrong == ()
    assert sum(outcome.statuses.values()) == 160  # none is left out
    # While it stalled for 0.3 s, 60 should have begun. The median of these waited half as long.
    assert outcome.latency_ms["p90"] > STALL_S * 1000 / 3
    assert outcome.latency_ms["p50"] < STALL_S * 1000 / 3


async def test_a_closed_loop_sends_the_next_when_it_has_the_answer() -> None:
    async with server() as port:
        outcome = await Closed(Plan(port, method="OPTIONS", connections=3, seconds=0.2, warm_s=0.05)).run()
    assert outcome.answers > 10
    assert outcome.unanswered == outcome.lost == 0
    assert set(outcome.statuses) == {"200"}
    assert outcome.figures()["per_s"] == outcome.per_s


async def test_a_run_with_other_answers_says_that_it_must_not_be_believed() -> None:
    async with server(answer=ANSWER.replace(b"200", b"503")) as port:
        outcome = await Closed(Plan(port, method="HEAD", connections=1, seconds=0.05, warm_s=0)).run()
    assert any("other answers than 200" in reason for reason in outcome.wrong)


def test_a_server_that_is_not_there_is_told_of() -> None:
    with pytest.raises(RuntimeError, match="the load generator failed"):
        generate(Plan(port=1, most=1))

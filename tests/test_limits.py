"""Limits that processes count together, what is done while they cannot, and how a limit is said."""

import re
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from reelhook.auth import body as api_body
from reelhook.auth.ratelimit import ACCOUNT, ADDRESS, ASKED_FOR, ASKING, ApiLimit
from reelhook.db import Database
from reelhook.errors import TooManyRequests
from reelhook.ingest import Guard, Senders
from reelhook.ingest import body as webhook_body
from reelhook.ingest.senders import LOOKS
from reelhook.kit import protocol
from reelhook.kit.ratelimit import Limit, LimiterAway, LocalLimiter, Verdict, Wanted
from reelhook.limits import AGAIN_S, Limits, LimitsUnavailable, fields, refusal
from reelhook.settings import Settings
from tests.conftest import StillClock

DOCUMENT = Path(__file__).parents[1] / "docs" / "rate-limits.md"
SLOW = Limit("slow", rate=0.1, burst=3)


class Shared:
    """What counts for all processes, as far as one of them can tell. *asked*: how often it was."""

    def __init__(self, clock: StillClock) -> None:
        self._limiter = LocalLimiter(clock)
        self.away, self.asked = False, 0

    async def take(self, *wanted: Wanted) -> Sequence[Verdict]:
        self.asked += 1
        if self.away:
            raise LimiterAway("the line is dead")
        return self._limiter.take(*wanted)


@pytest.fixture
def shared(clock: StillClock) -> Shared:
    return Shared(clock)


@pytest.fixture
def limits(clock: StillClock, shared: Shared) -> Limits:
    return Limits(clock, shared)


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"reelhook_rate_limit_{name}_total", labels) or 0.0


async def test_processes_count_together(clock: StillClock, shared: Shared) -> None:
    one, two = Limits(clock, shared), Limits(clock, shared)
    assert [(await each.take(Wanted(SLOW))).allowed for each in (one, two, one, two)] == [True, True, True, False]


async def test_a_process_that_is_alone_counts_for_itself(clock: StillClock) -> None:
    limits = Limits(clock)
    assert [(await limits.take(Wanted(SLOW))).allowed for _ in range(4)] == [True, True, True, False]
    assert not (await limits.take_together(Wanted(SLOW))).allowed


async def test_while_it_is_away_a_process_counts_for_itself_and_tells(limits: Limits, shared: Shared) -> None:
    before = counted("fallbacks")
    shared.away = True
    assert [(await limits.take(Wanted(SLOW))).allowed for _ in range(4)] == [True, True, True, False]
    assert counted("fallbacks") - before == 4


async def test_while_it_is_away_it_is_asked_once_in_a_while(limits: Limits, shared: Shared, clock: StillClock) -> None:
    shared.away = True
    for _ in range(50):
        await limits.take(Wanted(SLOW))
    assert shared.asked == 1
    clock.move(AGAIN_S)
    for _ in range(50):
        await limits.take(Wanted(SLOW))
    assert shared.asked == 2
    clock.move(AGAIN_S)
    shared.away = False
    assert (await limits.take(Wanted(SLOW))).remaining == 2, "what all count together"
    await limits.take(Wanted(SLOW))
    assert shared.asked == 4, "and from now on always"


async def test_while_one_asks_again_the_others_do_not_wait(limits: Limits, shared: Shared, clock: StillClock) -> None:
    shared.away = True
    await limits.take(Wanted(SLOW))
    clock.move(AGAIN_S)
    take, others = shared.take, []

    async def slowly(*wanted: Wanted) -> Sequence[Verdict]:
        shared.take = take
        others.append(await limits.take(Wanted(SLOW)))
        return await take(*wanted)

    shared.take = slowly
    await limits.take(Wanted(SLOW))
    assert len(others) == 1
    assert shared.asked == 2


async def test_what_has_to_be_counted_together_is_refused_until_it_can_be(
    limits: Limits, shared: Shared, clock: StillClock
) -> None:
    shared.away = True
    for _ in range(2):
        with pytest.raises(LimitsUnavailable) as refused:
            await limits.take_together(Wanted(SLOW))
        assert (refused.value.status, refused.value.headers) == (503, {"retry-after": "1"})
    shared.away = False
    clock.move(AGAIN_S)
    assert (await limits.take_together(Wanted(SLOW))).allowed


async def test_every_verdict_is_counted(limits: Limits) -> None:
    one = Limit("one", rate=0.1, burst=1)
    labels = [{"limit": name, "verdict": verdict} for name in ("one", "slow") for verdict in ("allowed", "refused")]
    before = [counted("verdicts", **each) for each in labels]
    for _ in range(3):
        await limits.take(Wanted(one), Wanted(SLOW))
    after = [counted("verdicts", **each) for each in labels]
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 2, 1, 0]


async def test_what_is_said_of_a_limit(limits: Limits, clock: StillClock) -> None:
    assert fields(await limits.take(Wanted(SLOW))) == {
        "ratelimit-policy": '"slow";q=3;w=30',
        "ratelimit": '"slow";r=2;t=10',
    }
    await limits.take(Wanted(SLOW, cost=2))
    clock.move(1.5)
    error = refusal(TooManyRequests, "slowly", await limits.take(Wanted(SLOW)))
    assert isinstance(error, TooManyRequests)
    assert error.retry_after_s == 8.5
    assert error.headers == {
        "ratelimit-policy": '"slow";q=3;w=30',
        "ratelimit": '"slow";r=0;t=9',
        "retry-after": "9",
    }


def test_the_shortest_window_is_a_second() -> None:
    said = fields(Verdict.of(Limit("quick", rate=1000, burst=10), 0, 1000))
    assert said == {"ratelimit-policy": '"quick";q=10;w=1', "ratelimit": '"quick";r=9;t=1'}


def test_the_documented_limits_are_those_of_the_code(prepared: Database) -> None:
    """The table of docs/rate-limits.md."""
    settings, limits = Settings(), Limits(StillClock())
    senders = Senders(prepared, StillClock())
    api = ApiLimit(limits, settings.api_rate)
    guard = Guard(
        limits,
        senders,
        allow=(),
        enforce=True,
        rate=settings.ingest_rate,
        wrong_rate=settings.ingest_wrong_rate,
    )
    found = {"api": api.limit, "ingest": guard.whole, "ingest-wrong": guard.wrong}
    found |= {one.name: one for one in (ADDRESS, ACCOUNT, ASKING, ASKED_FOR, LOOKS)}
    rows = re.findall(r"^\| `([a-z-]+)` \| ([^|]+) \| ([^|]+) \|", DOCUMENT.read_text(), re.MULTILINE)
    told = {name: None if once == "no limit" else (int(once), Fraction(rate)) for name, once, rate in rows}
    assert told == {
        name: limit and (limit.burst, Fraction(limit.rate).limit_denominator(1000)) for name, limit in found.items()
    }


def test_the_documented_sizes_and_times_are_those_of_the_code() -> None:
    """The second table of docs/rate-limits.md."""
    section = DOCUMENT.read_text().split("## How much may be open")[1].split("\n## ")[0]
    told = dict(re.findall(r"^\| ([a-z][^|]+) \| (\d[^|]*) \|", section, re.MULTILINE))
    assert told == {
        "streams of one person, or of one subject of stream tokens": f"{Settings().streams_per_person}",
        "body of a webhook": f"{webhook_body.MOST_BYTES} bytes",
        "time for a webhook's body": f"{webhook_body.SECONDS:g} s",
        "body of an API request": f"{api_body.MOST_BYTES} bytes",
        "header lines of any request": f"{protocol.HEADER_BYTES} bytes",
        "time for the header lines": f"{protocol.HEADER_SECONDS:g} s",
    }

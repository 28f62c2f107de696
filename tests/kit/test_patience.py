"""Waits that end in time, each by an error of its own, with one timer for all."""

import asyncio
from typing import Any

import pytest

from reelhook.kit.patience import Patience


class TooLate(Exception):
    pass


@pytest.fixture
def timers(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When the loop was asked to call back."""
    asked: list[float] = []
    call_at = asyncio.BaseEventLoop.call_at

    def counted(loop: asyncio.BaseEventLoop, when: float, *work: Any, **options: Any) -> asyncio.TimerHandle:
        asked.append(when)
        return call_at(loop, when, *work, **options)

    monkeypatch.setattr(asyncio.BaseEventLoop, "call_at", counted)
    return asked


async def test_what_is_not_done_in_time_gets_an_error_of_its_own() -> None:
    patience, loop = Patience(TooLate), asyncio.get_running_loop()
    futures = [loop.create_future() for _ in range(3)]
    for future in futures:
        patience.watch(future, 0.01)
    errors = await asyncio.wait_for(asyncio.gather(*futures, return_exceptions=True), 5)
    assert [type(error) for error in errors] == [TooLate] * 3
    assert len(set(map(id, errors))) == 3


async def test_who_came_later_waits_as_long_and_who_is_done_is_left_alone() -> None:
    patience, loop = Patience(TooLate), asyncio.get_running_loop()
    done, late, later = (loop.create_future() for _ in range(3))
    patience.watch(done, 0.01)
    patience.watch(late, 0.01)
    patience.watch(later, 0.05)
    done.set_result("in time")
    began = loop.time()
    with pytest.raises(TooLate):
        await asyncio.wait_for(late, 5)
    assert not later.done()
    with pytest.raises(TooLate):
        await asyncio.wait_for(later, 5)
    assert loop.time() - began >= 0.04
    assert await done == "in time"


async def test_many_that_end_in_time_take_one_timer_and_no_memory(timers: list[float]) -> None:
    patience, loop = Patience(TooLate), asyncio.get_running_loop()
    for _ in range(1000):
        future = loop.create_future()
        patience.watch(future, 60)
        future.set_result(None)
    assert (len(timers), len(patience._waiting)) == (1, 1)

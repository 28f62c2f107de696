"""One looks, many are answered."""

import asyncio

import pytest

from reelhook.kit.remembered import Remembered
from tests.conftest import StillClock


class Looks:
    """Looks that end when the test says so, and say how many there were."""

    def __init__(self) -> None:
        self.many = 0
        self.may_end = asyncio.Event()
        self.may_end.set()

    async def __call__(self) -> int:
        self.many += 1
        await self.may_end.wait()
        return self.many


async def test_who_asks_while_an_answer_is_good_gets_the_same(clock: StillClock) -> None:
    ask = Remembered(clock, looks := Looks(), 1.0)
    assert await asyncio.gather(ask(), ask(), ask()) == [1, 1, 1]
    clock.move(0.9)
    assert await ask() == 1
    clock.move(0.1)
    assert (await ask(), looks.many) == (2, 2)


async def test_who_stops_waiting_does_not_spoil_it_and_no_second_look_is_begun(clock: StillClock) -> None:
    ask = Remembered(clock, looks := Looks(), 0.0)
    looks.may_end.clear()
    for _ in range(3):
        clock.move(60)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await ask()
    looks.may_end.set()
    assert (await ask(), looks.many) == (1, 1)
    assert await ask() == 2


async def test_what_is_forgotten_is_looked_up_anew_also_when_it_was_just_being_seen(clock: StillClock) -> None:
    ask = Remembered(clock, looks := Looks(), 1.0)
    looks.may_end.clear()
    early = asyncio.create_task(ask())
    await asyncio.sleep(0)
    ask.forget()
    looks.may_end.set()
    assert (await early, await ask(), await ask()) == (1, 2, 2)

"""Work waits for what is down, uses up no attempt, and goes on by itself."""

from datetime import timedelta

import pytest
from prometheus_client import REGISTRY

from reelhook.archive.errors import FetchFailed, StoreFull, StoreRefused, StoreUnavailable
from reelhook.errors import Blame, ReelhookError
from reelhook.jobs import Destinations, Effect, Postpone
from reelhook.jobs.destination_endpoints import router
from reelhook.jobs.destinations import Destination
from reelhook.jobs.kinds import DeleteStored
from reelhook.kit.breaker import TRIPS_AFTER
from reelhook.kit.ids import Ids
from tests.conftest import START, StillClock, eventually
from tests.jobs.scene import Scene, mark, outcomes, states


@pytest.fixture
def destinations(clock: StillClock, ids: Ids) -> Destinations:
    return Destinations(clock, ids)


async def ask(destinations: Destinations, error: ReelhookError | None = None, name: str = "shop") -> None:
    async with destinations.reach(name, StoreRefused):
        if error is not None:
            raise error


def state(destinations: Destinations, name: str = "shop") -> str:
    return next(one.state for one in destinations.all() if one.name == name)


def down(name: str = "shop") -> float | None:
    return REGISTRY.get_sample_value("reelhook_destination_down", {"destination": name})


async def test_errors_pass_through_until_it_is_clear_that_it_is_down(destinations: Destinations) -> None:
    for _ in range(TRIPS_AFTER):
        with pytest.raises(StoreUnavailable):
            await ask(destinations, StoreUnavailable("no answer"))
    assert (state(destinations), down()) == ("open", 1)
    with pytest.raises(Postpone, match="waiting for shop: no answer") as wait:
        await ask(destinations)
    assert 5 <= wait.value.after_s <= 5 * 1.5


async def test_what_would_meet_everybody_postpones_at_once(destinations: Destinations) -> None:
    with pytest.raises(Postpone, match="waiting for shop: no space left"):
        await ask(destinations, StoreFull("no space left", retry_after_s=60))
    assert destinations.all() == [
        Destination("shop", "open", START, START + timedelta(seconds=60), "no space left", "store_full", START)
    ]


async def test_trouble_of_the_work_itself_says_nothing_of_the_destination(destinations: Destinations) -> None:
    for _ in range(2 * TRIPS_AFTER):
        with pytest.raises(FetchFailed):
            await ask(destinations, FetchFailed("the source"))
    assert state(destinations) == "closed"


async def test_a_refusal_proves_that_it_is_there(destinations: Destinations, clock: StillClock) -> None:
    with pytest.raises(Postpone):
        await ask(destinations, StoreFull("full"))
    clock.move(5)
    assert state(destinations) == "half_open"
    with pytest.raises(FetchFailed):
        await ask(destinations, FetchFailed("the source"))
    assert state(destinations) == "open"  # nothing was learnt; the next may try after the same pause
    clock.move(5)
    with pytest.raises(StoreRefused):
        await ask(destinations, StoreRefused("never this one"))
    assert (state(destinations), down()) == ("closed", 0)


async def test_each_has_its_own(destinations: Destinations) -> None:
    with pytest.raises(Postpone):
        await ask(destinations, StoreFull("full"))
    await ask(destinations, name="other")
    assert [(one.name, one.state) for one in destinations.all()] == [("other", "closed"), ("shop", "open")]


async def test_one_that_is_forgotten_is_neither_shown_nor_measured_any_more(destinations: Destinations) -> None:
    with pytest.raises(Postpone):
        async with destinations.reach("shop"):
            raise Away("no answer")
    assert (state(destinations), down()) == ("open", 1)
    destinations.forget("shop")
    destinations.forget("never reached")
    assert (destinations.all(), down()) == ([], None)


async def test_the_api_shows_them(destinations: Destinations) -> None:
    await ask(destinations, name="other")
    with pytest.raises(Postpone):
        await ask(destinations, StoreFull("full"))
    (route,) = router(destinations).routes
    shown = await route.endpoint()  # type: ignore[attr-defined]
    nothing = {"since": None, "retry_at": None, "reason": None}
    since, retry_at = "2026-11-22T12:00:00.000Z", "2026-11-22T12:00:05.000Z"
    assert shown["data"] == [
        {"name": "other", "state": "closed"} | nothing,
        {"name": "shop", "state": "open", "since": since, "retry_at": retry_at, "reason": "full"},
    ]


class Flaky:
    """A destination that is away until told otherwise."""

    def __init__(self, destinations: Destinations) -> None:
        self.destinations, self.away, self.asked = destinations, True, 0

    async def run(self, work: DeleteStored) -> Effect:
        async with self.destinations.reach("shop"):
            self.asked += 1
            if self.away:
                raise Away("no answer")
        return mark(work.location)


class Away(ReelhookError):
    code, retryable, blame = "away", True, Blame.DESTINATION


async def test_an_outage_uses_up_no_attempt_of_anything_and_work_goes_on_by_itself(scene: Scene) -> None:
    names = [f"job-{number}" for number in range(12)]
    await scene.add(*names)
    shop = Flaky(Destinations(scene.clock, scene.ids))
    async with scene.running(scene.worker(shop.run)):  # three attempts each

        async def five_seconds_pass() -> set[str]:
            """Let what was claimed meanwhile have its turn; the states afterwards."""
            await scene.clock.forward(5)
            await scene.all_written()
            await eventually(nothing_runs)
            return set((await states(scene.db)).values())

        async def nothing_runs() -> bool:
            return "running" not in (await states(scene.db)).values()

        async def ten_minutes_pass() -> bool:
            return await five_seconds_pass() == {"available"} and scene.clock.now() - START > timedelta(minutes=10)

        await eventually(ten_minutes_pass)
        assert shop.asked < 30, "one try per pause, not one per job"
        shop.away = False

        async def all_done() -> bool:
            return await five_seconds_pass() == {"done"}

        await eventually(all_done)
    ended = await outcomes(scene.db)
    assert sorted(ended) == sorted([(1, "postponed"), (1, "done")] * 12), "and its story stays short"

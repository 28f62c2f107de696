"""What every test may use: a clock that stands still, predictable ids, and a real database."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings

from reelhook.db import Database
from reelhook.db.schema import prepare
from reelhook.kit.ids import Ids

LONG = "long"
settings.register_profile(LONG, max_examples=2000, deadline=None)
PROCESSES = {Path(__file__).with_name(name) for name in ("browser", "e2e", "guides", "live")}
START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spread the files that start processes and browsers among those that do not: side by side they would wait for each
    other."""
    files: dict[bool, dict[Path, list[pytest.Item]]] = {True: {}, False: {}}
    for item in items:
        files[not PROCESSES.isdisjoint(item.path.parents)].setdefault(item.path, []).append(item)
    spread = [(at / len(some), one) for some in files.values() for at, one in enumerate(some.values())]
    items[:] = [item for _, one in sorted(spread, key=lambda pair: pair[0]) for item in one]


class StillClock:
    """Moves only when told. A sleeper wakes when the time it waits for was reached by `forward`."""

    def __init__(self) -> None:
        self._now = START
        self._passed = 0.0
        self._moved = asyncio.Condition()
        self._wakes: list[float] = []

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._passed

    async def sleep(self, seconds: float) -> None:
        until = self._passed + seconds
        self._wakes.append(until)
        try:
            async with self._moved:
                await self._moved.wait_for(lambda: self._passed >= until)
        finally:
            self._wakes.remove(until)

    @property
    def sleepers(self) -> int:
        """How many sleep, or are about to wake."""
        return len(self._wakes)

    @property
    def asleep(self) -> int:
        """How many sleep whose time has not come."""
        return sum(until > self._passed for until in self._wakes)

    def move(self, seconds: float) -> None:
        """Let time pass for those who look at it, without waking sleepers."""
        self._now += timedelta(seconds=seconds)
        self._passed += seconds

    async def forward(self, seconds: float) -> None:
        """Let time pass and wake whoever slept until then."""
        self.move(seconds)
        async with self._moved:
            self._moved.notify_all()


def examples(number: int) -> int:
    """How many examples a test tries that says so itself: fifty times as many with `--hypothesis-profile=long`."""
    return 50 * number if settings.get_current_profile_name() == LONG else number


def counting_bytes() -> Callable[[int], bytes]:
    """A source of "randomness" that counts."""
    numbers = itertools.count(1)
    return lambda size: next(numbers).to_bytes(size, "big")


async def eventually(
    condition: Callable[[], Awaitable[bool]] | Callable[[], bool], *, within_s: float = 30, what: str = "condition"
) -> None:
    """Wait until *condition* holds; fails when it does not within the limit."""
    async with asyncio.timeout(within_s):
        while True:
            held = condition()
            if isinstance(held, Awaitable):
                held = await held
            if held:
                return
            await asyncio.sleep(0.01)


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def ids(clock: StillClock) -> Ids:
    return Ids(clock, counting_bytes())


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'reelhook.db'}"


@pytest.fixture
def prepared(database_url: str) -> Iterator[Database]:
    """A database with the schema in it, for code without an event loop."""
    database = Database(database_url)
    database.migrate(prepare)
    yield database
    database.close()


@pytest.fixture
async def db(prepared: Database) -> Database:
    """The same, closed after the test's event loop ended."""
    return prepared

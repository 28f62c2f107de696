"""How near the stores are to their limits: as they say it, and as it is kept."""

from pathlib import Path

import pytest
from sqlalchemy import select

from reelhook.archive import Account, LocalStore, MeasureHandler, Store
from reelhook.archive.stores.cloudinary import CloudinaryStore
from reelhook.db import Database
from reelhook.db.tables import store_limits
from reelhook.jobs.kinds import MeasureStores
from tests.archive.host import Host, status
from tests.conftest import StillClock

ELEVEN_MINUTES = 660.0
BY_CREDITS = (
    b'{"plan": "Free", "storage": {"usage": 9, "credits_usage": 9}, "credits": {"limit": 25, "used_percent": 36}}'
)
BY_THING = (
    b'{"storage": {"usage": 9, "used_percent": 12.5}, "bandwidth": {"used_percent": 88.1}, "objects": {"usage": 3}}'
)


async def kept(db: Database, clock: StillClock, **stores: Store) -> list[tuple[str, str, float]]:
    """What is known after one more measurement."""
    effect = await MeasureHandler(clock, stores)(MeasureStores())
    await db.write(effect)
    rows = await db.read(lambda conn: conn.execute(select(store_limits)).all())
    return [(row.store, row.of, row.percent) for row in rows]


@pytest.fixture
def cloudinary(host: Host, clock: StillClock) -> CloudinaryStore:
    return CloudinaryStore(Account("c", "k", "s", host.url), clock)


async def test_the_nearest_limit_of_the_plan_is_kept_and_what_a_silent_store_said_before_stays(
    db: Database, host: Host, clock: StillClock, cloudinary: CloudinaryStore, local: LocalStore
) -> None:
    host.put("/v1_1/c/usage", status(200, BY_CREDITS), status(200, BY_THING), status(503), status(200, b"{}"))
    stores: dict[str, Store] = {"local": local, "cloudinary": cloudinary}
    assert await kept(db, clock, **stores) == [("cloudinary", "credits", 36.0)]
    assert await kept(db, clock, **stores) == [("cloudinary", "credits", 36.0)], "it was not asked again so soon"
    clock.move(ELEVEN_MINUTES)
    assert await kept(db, clock, **stores) == [("cloudinary", "bandwidth", 88.1)]
    clock.move(ELEVEN_MINUTES)
    assert await kept(db, clock, **stores) == [("cloudinary", "bandwidth", 88.1)], "it does not answer"
    clock.move(ELEVEN_MINUTES)
    assert await kept(db, clock, **stores) == [], "a plan without limits"
    cloudinary.close()


async def test_a_store_that_is_no_setting_any_more_is_forgotten(
    db: Database, host: Host, clock: StillClock, cloudinary: CloudinaryStore, tmp_path: Path
) -> None:
    host.put("/v1_1/c/usage", status(200, BY_CREDITS))
    assert await kept(db, clock, cloudinary=cloudinary)
    local = LocalStore(tmp_path / "media")
    assert await kept(db, clock, local=local) == []
    local.close()
    cloudinary.close()

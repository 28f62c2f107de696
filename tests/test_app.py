"""One process of the service, without a network."""

import shutil
from pathlib import Path

from reelhook.app import Service
from reelhook.settings import Settings
from tests.conftest import StillClock
from tests.servers import prepared_file

__all__ = ["prepared_file"]


async def test_it_is_ready_as_soon_as_the_database_is_open(
    prepared_file: Path, tmp_path: Path, clock: StillClock
) -> None:
    """Whoever asks sooner gets a no, which would else stand for a second."""
    shutil.copy(prepared_file, tmp_path / "r.db")
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'r.db'}", stores=f"local:{tmp_path / 'media'}")
    service = Service(settings, clock=clock, works=False)
    service.start()
    before, _ = await service.health.readiness.told()
    await service.opened.wait()
    after, _ = await service.health.readiness.told()
    await service.stop()
    assert (before, after) == (False, True)

"""One service on a folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import Service, Simulators, simulators


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """Not started; whatever state it is in, it is gone afterwards."""
    one = Service(tmp_path)
    yield one
    if one.process is not None and one.process.poll() is None:
        one.kill()


@pytest.fixture(scope="module")
def outside() -> Iterator[Simulators]:
    with simulators() as running:
        yield running

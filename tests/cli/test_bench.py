"""`reelhook bench`: a measurement that touches nothing of ours and leaves nothing behind."""

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.processes import clean_environment, run_command


@pytest.fixture
def folder() -> Iterator[Path]:
    """One with a short name: a server of ours listens in it, and the name of a socket has a hundred characters."""
    with TemporaryDirectory(prefix="reelhook-") as name:
        yield Path(name)


def test_it_measures_on_a_service_of_its_own_and_leaves_nothing_behind(folder: Path) -> None:
    elsewhere = clean_environment(database_url="postgresql://nobody@127.0.0.1:1/nothing")
    words = ("bench", "--folder", str(folder), "--seconds", "0.3", "--connections", "2", "--json")
    done = run_command(*words, environment=elsewhere)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["fdatasync_ms"] > 0
    for load in (told["one_at_a_time"], told["as_many_as_it_takes"]):
        assert load["webhooks_per_s"] > 0
        assert load["p50_ms"] <= load["p99_ms"] <= load["max_ms"]
    assert list(folder.iterdir()) == []

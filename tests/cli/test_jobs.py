"""`reelhook jobs`, with no server running: the command serves itself."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from typer.testing import CliRunner

from reelhook.cli.jobs import jobs as command
from reelhook.db import Database
from reelhook.db.schema import prepare
from reelhook.jobs import Failure, Queue
from reelhook.jobs.kinds import DeleteStored, RequestVideo, Work
from reelhook.kit.ids import Ids
from tests.conftest import StillClock, counting_bytes
from tests.jobs.scene import LEASE
from tests.processes import clean_environment, run_command

Command = Callable[..., CompletedProcess[str]]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('jobs') / 'r.db'}"


@pytest.fixture(scope="module")
def dead(url: str) -> Iterator[dict[str, str]]:
    """The ids of jobs that died, one an hour from noon on, by what they were about."""
    database, clock = Database(url), StillClock()
    database.migrate(prepare)
    queue, found = Queue(clock, Ids(clock, counting_bytes())), {}

    def bury(work: Work, failure: Failure) -> str:
        def write(tx):  # type: ignore[no-untyped-def]
            queue.add(tx, work)
            (job,) = queue.claim(tx, "w1", LEASE, 1)
            clock.move(2.5)
            queue.bury(tx, job, failure)
            return job.id

        clock.move(3600)
        return database.write_now(write)

    for name in ("lost", "locked", "by hand"):
        code = "not_found" if name == "lost" else "locked"
        found[name] = bury(DeleteStored(store="local", location=name), Failure(code, f"{name} it is", False))
    found["asked"] = bury(RequestVideo(video_id="v1"), Failure("refused", "no", False))
    yield found
    database.close()


@pytest.fixture
def jobs(url: str, dead: dict[str, str], tmp_path: Path) -> Command:
    environment = clean_environment(database_url=url, stores=f"local:{tmp_path}")
    return lambda *words: run_command("jobs", *words, environment=environment)


def listed(jobs: Command, *words: str) -> list[str]:
    return [job["id"] for job in json.loads(jobs("list", *words, "--json").stdout)]


def test_jobs_are_listed_newest_first_and_narrowed(jobs: Command, dead: dict[str, str]) -> None:
    narrow = ("--state", "dead", "--kind", "delete_stored", "--code", "locked", "--limit", "1")
    assert listed(jobs, *narrow) == [dead["by hand"]]
    shown = jobs("list", "--not-discarded").stdout
    assert [name for name, job_id in dead.items() if job_id in shown] == list(dead)
    assert "not_found" in shown


def test_the_story_of_a_job_is_told(jobs: Command, dead: dict[str, str]) -> None:
    assert jobs("show", dead["lost"]).stdout == (
        f"job      {dead['lost']}\n"
        "kind     delete_stored\n"
        "state    dead\n"
        "created  2026-11-22T13:00:00.000Z\n"
        "ended    2026-11-22T13:00:02.500Z\n"
        "\n"
        "   1. 2026-11-22T13:00:00.000Z  2.5 s  dead\n"
        "      not_found: lost it is\n"
    )
    missing = jobs("show", "nothing")
    assert (missing.returncode, missing.stdout, missing.stderr) == (1, "", "reelhook: there is no job nothing\n")


def test_dead_letters_are_discarded_and_retried(jobs: Command, dead: dict[str, str]) -> None:
    by_hand = dead["by hand"]
    assert jobs("discard", by_hand, "--reason", "made by hand").stdout == f"{by_hand} discarded\n"
    again = jobs("discard", by_hand, "--reason", "other", "--json")
    assert (again.returncode, again.stdout) == (1, "")
    assert "was discarded already: made by hand" in again.stderr
    assert listed(jobs, "--discarded") == [by_hand]
    assert "state    discarded: made by hand" in jobs("show", by_hand).stdout

    assert "its video has failed with it" in jobs("retry", dead["asked"]).stderr
    window = ("--since", "2026-11-22T14:00Z", "--until", "2026-11-22T16:30+01:00")
    done = jobs("retry", "--all", *window, "--code", "locked", "--json")
    assert json.loads(done.stdout) == {"retried": 1, "skipped": 0}
    assert jobs("retry", "--all").stdout == "retried 1, skipped 1\n"
    assert listed(jobs, "--state", "available") == [dead["locked"], dead["lost"]]


@pytest.mark.parametrize(
    "words",
    [
        ("retry",),
        ("retry", "x", "--all"),
        ("retry", "x", "--kind", "archive_asset"),
        ("retry", "--all", "--since", "yesterday"),
        ("list", "--state", "lost"),
        ("discard", "x"),
    ],
)
def test_wrong_use_is_refused_before_anything_is_asked(words: tuple[str, ...]) -> None:
    done = CliRunner().invoke(command, words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "Usage: " in done.stderr

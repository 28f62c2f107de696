"""The kill test itself, for less than a minute; `make kill-test` is the long one."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.kill.control import control
from tests.e2e.kill.cut import build
from tests.e2e.kill.report import table, told
from tests.e2e.kill.run import Outcome, Part, part

KILLS_S, CUTS_S = 22.0, 13.0
HANDFUL = 3


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path | None:
    return build(tmp_path_factory.mktemp("library"))


def seed() -> str:
    """Another one for each run, and printed, so that a run that fails can be repeated."""
    made = os.environ.get("KILL_SEED", os.urandom(3).hex())
    print(f"KILL_SEED={made} repeats this plan")
    return made


async def test_nothing_is_lost_under_sigkill(library: Path | None) -> None:
    done = await part(library, seed(), KILLS_S, HANDFUL, say=print)
    assert done.verdict.faults == []
    assert done.tally.kills >= HANDFUL
    assert done.verdict.acknowledged > 50


async def test_nothing_is_lost_when_the_power_is_cut_and_a_weaker_sync_would_lose(library: Path | None) -> None:
    if library is None:
        pytest.skip("no C compiler here, so no power can be cut")
    controlled = await control(library)
    assert controlled.lost == 0
    assert controlled.lost_when_weaker > 0, "this test could not see a loss"
    done = await part(library, seed(), CUTS_S, HANDFUL, with_cuts=True, say=print)
    assert done.verdict.faults == []
    assert done.tally.kills >= HANDFUL
    assert done.tally.cuts > 0, "some of them are power cuts"
    assert done.verdict.acknowledged > 20
    report = told(Outcome(Part(), done, controlled), seed="7", minutes=1, command="make kill-test")
    assert list(report)[:4] == ["acknowledged", "lost", "gaps", "repeats"]
    assert report["good"] is True
    assert "MUST BE 0" not in table(report)


def test_the_server_dies_at_its_point_and_nowhere_else() -> None:
    code = (
        "from tests.e2e.kill.server import planned_death\n"
        "at = planned_death('commit:2')\n"
        "at('begin'); at('commit'); at('committed'); print('alive', flush=True)\n"
        "at('commit'); print('not reached')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "alive\n")

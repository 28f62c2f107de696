"""The cluster test itself, for less than a minute; `make cluster-test` is the long one."""

import os

import pytest

from tests.e2e.cluster.__main__ import allow_many_files
from tests.e2e.cluster.control import Control
from tests.e2e.cluster.plan import KINDS
from tests.e2e.cluster.report import table, told
from tests.e2e.cluster.run import run
from tests.e2e.cluster.servers import missing

SECONDS, CLIENTS = 12.0, 200


async def test_nothing_is_lost_and_every_viewer_sees_all_of_theirs_once_whoever_dies() -> None:
    if absent := missing():
        pytest.skip(f"the cluster test needs {absent}")
    allow_many_files()
    seed = os.environ.get("CLUSTER_SEED", os.urandom(3).hex())
    print(f"CLUSTER_SEED={seed} repeats this plan")
    done = await run(seed, SECONDS, CLIENTS, say=print)
    assert done.verdict.faults == []
    assert done.refused_in_peace == []
    assert {each.kind for each in done.recovered} == set(KINDS)
    assert done.verdict.acknowledged > 100
    assert done.connections > CLIENTS, "streams ended and came back"
    assert done.views > CLIENTS
    assert done.control == Control(gaps=1, repeats=1, lost=1), "this test could not see a loss"
    report = told(done, seed=seed, minutes=0.2, command="make cluster-test")
    assert list(report)[:4] == ["acknowledged", "lost", "gaps", "repeats"]
    assert report["good"] is True
    assert "MUST BE 0" not in table(report)

"""docs/load-test.md shows the runs that are kept, and those were good."""

import json

import pytest

from tests.e2e.load.page import KEPT, MEASURED, PAGE, page
from tests.e2e.load.report import MUST


def test_the_table_is_that_of_the_runs_that_are_kept() -> None:
    assert PAGE.read_text() == page(PAGE.read_text()), "run: python -m tests.e2e.load.page"


@pytest.mark.parametrize("name", KEPT)
def test_a_run_that_is_kept_was_good(name: str) -> None:
    run = json.loads((MEASURED / name).read_text())
    assert run["good"] is True
    assert {name for name in MUST if run[name]} == set()
    assert run["control"] == {"gaps": 1, "repeats": 1, "lost": 1, "ends_unseen": 1}

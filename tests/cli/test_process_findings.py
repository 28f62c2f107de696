"""What `doctor` makes of the processes that run."""

from typing import Any

import pytest

from reelhook.cli.process_findings import finding

BOTH = ["server", "worker"]


def one(pid: int, roles: list[str], state: str = "running", version: str = "1.0") -> dict[str, Any]:
    return {"host": "a", "pid": pid, "roles": roles, "state": state, "version": version}


@pytest.mark.parametrize(
    ("processes", "warning", "found"),
    [
        ([], False, "none runs"),
        ([one(1, BOTH), one(2, ["server"])], False, "2 seen: 2 serve, 1 work"),
        ([one(1, BOTH), one(2, BOTH, "silent")], True, "1 seen: 1 serve, 1 work. silent: a:2"),
        ([one(1, ["server"])], True, "1 seen: 1 serve, 0 work. nobody runs jobs: start `reelhook worker`"),
        (
            [one(1, BOTH), one(2, BOTH, version="2.0")],
            True,
            "2 seen: 2 serve, 2 work. versions differ: 1.0, 2.0",
        ),
    ],
)
def test_who_runs_and_what_to_look_at(processes: list[dict[str, Any]], warning: bool, found: str) -> None:
    assert finding({"data": processes}) == {"name": "processes", "ok": True, "warning": warning, "found": found}
